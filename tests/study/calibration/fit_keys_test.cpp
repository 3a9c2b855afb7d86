// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/fit_keys.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

TEST(FitKeys, what_a_launch_takes_is_fitted_only_where_rows_hold_it) {
  const auto kind = engine::DmaKind{};
  EXPECT_NO_THROW(parse_fit_keys("command.cycles_per_pass", kind, true));
  EXPECT_THROW(parse_fit_keys("command.cycles_per_pass", kind, false), Error);
  EXPECT_THROW(parse_fit_keys("engine.clock", kind, true), Error);
  EXPECT_EQ(default_fit_keys(kind, true).size(), default_fit_keys(kind, false).size() + 1);
}

}  // namespace
}  // namespace lanewise::study
