// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"
#include "estimator/estimator.hpp"

using lanewise::InternalError;
using lanewise::estimator::Accuracy;
using lanewise::estimator::accuracy;

namespace {

TEST(Accuracy, follows_its_definitions_by_hand) {
  // Relative errors: 0, 5 %, 10 %, -50 %.
  const Accuracy a = accuracy({100, 105, 220, 50}, {100, 100, 200, 100});
  EXPECT_EQ(a.rows, 4);
  EXPECT_NEAR(a.mape_percent, (0 + 5 + 10 + 50) / 4.0, 1e-12);
  EXPECT_NEAR(a.rmspe_percent, std::sqrt((0 + 25 + 100 + 2500) / 4.0), 1e-12);
  EXPECT_DOUBLE_EQ(a.within_5_percent, 50);
  EXPECT_DOUBLE_EQ(a.within_10_percent, 75);
}

TEST(Accuracy, a_weight_counts_a_row_that_often) {
  const Accuracy weighted = accuracy({110, 300, 260, 90}, {100, 200, 250, 100}, {3, 1, 2, 0});
  const Accuracy repeated = accuracy({110, 110, 110, 300, 260, 260}, {100, 100, 100, 200, 250, 250});
  EXPECT_EQ(weighted.rows, 3) << "a row of weight 0 is no row";
  EXPECT_NEAR(weighted.mape_percent, repeated.mape_percent, 1e-12);
  EXPECT_NEAR(weighted.rmspe_percent, repeated.rmspe_percent, 1e-12);
  EXPECT_NEAR(weighted.within_10_percent, repeated.within_10_percent, 1e-12);
  EXPECT_NEAR(weighted.spearman, repeated.spearman, 1e-12);
}

TEST(Accuracy, of_nothing_is_nothing) {
  const Accuracy a = accuracy({}, {});
  EXPECT_EQ(a.rows, 0);
  EXPECT_EQ(a.mape_percent, 0);
}

TEST(Accuracy, lists_that_do_not_match_are_a_bug) {
  EXPECT_THROW(accuracy({1}, {1, 2}), InternalError);
  EXPECT_THROW(accuracy({1}, {1}, {1, 1}), InternalError);
  EXPECT_THROW(accuracy({1}, {0}), InternalError);
}

}  // namespace
