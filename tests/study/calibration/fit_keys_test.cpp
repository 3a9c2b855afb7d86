// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/fit_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

TEST(FitKeys, launching_is_always_fitted_and_programming_only_where_rows_hold_it) {
  const auto kind = engine::DmaKind{};
  const std::vector<std::string> keys = default_fit_keys(kind);
  EXPECT_EQ(std::count(keys.begin(), keys.end(), "command.launch_time"), 1);
  EXPECT_EQ(std::count(keys.begin(), keys.end(), "command.cycles_per_pass"), 0);
  EXPECT_NO_THROW(parse_fit_keys("command.cycles_per_pass", kind, true));
  EXPECT_THROW(parse_fit_keys("command.cycles_per_pass", kind, false), Error);
  EXPECT_THROW(parse_fit_keys("engine.clock", kind, true), Error);
}

}  // namespace
}  // namespace lanewise::study
