// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/base/printable.hpp"

namespace lanewise {
namespace {

TEST(Error, a_message_of_2000_bytes_is_kept) {
  const std::string message = "a.csv:3: " + std::string(1980, 'x') + " is bad";
  EXPECT_EQ(Error(message).what(), message);
}

TEST(Error, a_longer_one_keeps_its_place_and_its_rule) {
  const std::string message = "a.csv:3: '" + std::string(1U << 20U, 'x') + "': must be a number";
  const std::string said = Error(message).what();
  EXPECT_LT(said.size(), 2000U);
  EXPECT_EQ(said.rfind("a.csv:3: 'xxx", 0), 0U);
  EXPECT_NE(said.find("xxx ... [" + std::to_string(message.size() - 1800) + " bytes left out] ... xxx"),
            std::string::npos);
  EXPECT_NE(said.find("xxx': must be a number"), std::string::npos);
}

TEST(Error, no_character_is_cut_in_two) {
  for (int shift = 0; shift < 4; ++shift) {
    std::string message(static_cast<std::size_t>(shift), 'x');
    for (int i = 0; i < 1000; ++i) message += "\xf0\x9f\x98\x80";
    const std::string said = Error(message).what();
    EXPECT_LT(said.size(), 2000U);
    EXPECT_EQ(printable(said), said) << shift;  // bytes that are no UTF-8 would be spelled out
  }
}

// A message that quotes another one is shortened anew and stays within bounds.
TEST(Error, a_quoted_message_stays_within_bounds) {
  std::string message(5000, 'y');
  for (int i = 0; i < 5; ++i) message = Error("file " + std::to_string(i) + ": " + message).what();
  EXPECT_LE(message.size(), 2000U);
  EXPECT_EQ(message.rfind("file 4: file 3: ", 0), 0U);
}

}  // namespace
}  // namespace lanewise
