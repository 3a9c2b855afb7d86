// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

namespace lanewise::testing {

// Root may write everywhere: as root, a test of permissions acts as the user without any.
class WithoutRights {
 public:
  WithoutRights() : root_(::geteuid() == 0) {
    if (root_) {
      EXPECT_EQ(::seteuid(65534), 0);
    }
  }
  ~WithoutRights() {
    if (root_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }
  WithoutRights(const WithoutRights&) = delete;
  WithoutRights& operator=(const WithoutRights&) = delete;

 private:
  bool root_;
};

}  // namespace lanewise::testing
