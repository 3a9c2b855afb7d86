// SPDX-License-Identifier: Apache-2.0
#include "core/base/rank_correlation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"

namespace lanewise {
namespace {

TEST(Spearman, matches_hand_values) {
  EXPECT_DOUBLE_EQ(spearman({1, 2, 3, 4}, {10, 100, 1000, 10000}), 1);
  EXPECT_DOUBLE_EQ(spearman({1, 2, 3, 4}, {4, 3, 2, 1}), -1);
  // 1 - 6 sum(d^2) / (n (n^2 - 1)) with d = (0, -1, 1, -1, 1): 1 - 24/120.
  EXPECT_NEAR(spearman({1, 2, 3, 4, 5}, {1, 3, 2, 5, 4}), 0.8, 1e-12);
  // Ties share their mean rank: ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4) correlate by 4.5 / sqrt(4.5 * 5).
  EXPECT_NEAR(spearman({1, 2, 2, 3}, {1, 2, 3, 4}), 4.5 / std::sqrt(4.5 * 5), 1e-12);
}

TEST(Spearman, of_a_constant_is_zero) {
  EXPECT_EQ(spearman({1, 1, 1}, {1, 2, 3}), 0);
  EXPECT_EQ(spearman({}, {}), 0);
}

TEST(Spearman, of_lists_of_different_lengths_is_a_bug) {
  EXPECT_THROW(spearman({1}, {1, 2}), InternalError);
  EXPECT_THROW(weighted_spearman({1, 2}, {1, 2}, {1}), InternalError);
}

TEST(Spearman, a_weight_counts_a_pair_that_often) {
  EXPECT_NEAR(weighted_spearman({1, 5, 3, 9}, {2, 1, 4, 7}, {3, 1, 2, 0}),
              spearman({1, 1, 1, 5, 3, 3}, {2, 2, 2, 1, 4, 4}), 1e-12);
}

}  // namespace
}  // namespace lanewise
