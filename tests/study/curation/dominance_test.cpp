// SPDX-License-Identifier: Apache-2.0
#include "study/curation/dominance.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace lanewise::study {
namespace {

// Sizes of values 1, 2, … whose MACs and parameters are in proportion, at the given costs.
ValueSizes curve(const std::vector<std::int64_t>& cycles) {
  ValueSizes sizes;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    const auto n = static_cast<std::int64_t>(i + 1);
    sizes.push_back(LocalSize{cycles[i], 1000 * n, 10 * n, i});
  }
  return sizes;
}

std::vector<std::size_t> order_of(const ValueSizes& sizes) {
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

TEST(Dominance, more_capacity_at_no_more_cost_dominates) {
  EXPECT_TRUE(dominates({100, 20, 5, 0}, {100, 10, 5, 1}, 0));
  EXPECT_TRUE(dominates({90, 20, 5, 0}, {100, 20, 5, 1}, 0));
  EXPECT_FALSE(dominates({101, 20, 5, 0}, {100, 10, 5, 1}, 0));
  EXPECT_FALSE(dominates({90, 20, 4, 0}, {100, 10, 5, 1}, 0));  // fewer parameters
}

TEST(Dominance, a_price_lets_capacity_cost_a_little) {
  // 10 % more MACs and 50 % more parameters: the smaller rise counts.
  EXPECT_TRUE(dominates({1010, 1100, 150, 0}, {1000, 1000, 100, 1}, 0.1));
  EXPECT_FALSE(dominates({1011, 1100, 150, 0}, {1000, 1000, 100, 1}, 0.1));
  EXPECT_FALSE(dominates({1001, 1000, 150, 0}, {1000, 1000, 100, 1}, 0.1));  // no more MACs
}

TEST(Dominance, equal_sizes_dominate_only_where_the_networks_are_the_same) {
  EXPECT_TRUE(dominates({10, 10, 10, 3}, {10, 10, 10, 3}, 0));
  EXPECT_FALSE(dominates({10, 10, 10, 3}, {10, 10, 10, 4}, 0));
}

TEST(Dominance, of_stairs_the_values_before_each_rise_are_favourable) {
  const ValueSizes stairs = curve({16, 16, 16, 16, 32, 32, 32, 32, 48, 48});
  const std::vector<bool> favourable = favourable_values(stairs, 0, order_of(stairs));
  EXPECT_EQ(favourable, (std::vector<bool>{false, false, false, true, false, false, false, true, false, true}));
}

TEST(Dominance, of_a_ramp_every_value_is_favourable) {
  const ValueSizes ramp = curve({10, 20, 30, 40, 50});
  EXPECT_EQ(favourable_values(ramp, 0.1, order_of(ramp)), std::vector<bool>(5, true));
}

TEST(Dominance, gentle_slopes_do_not_hand_a_value_on_from_one_to_the_next) {
  // Each value costs 5 % of its capacity's rise more than the one before: the largest alone is left, as it dominates
  // all of them by itself.
  const ValueSizes slope = curve({10000, 10500, 10750, 10917});
  EXPECT_EQ(favourable_values(slope, 0.1, order_of(slope)), (std::vector<bool>{false, false, false, true}));
  EXPECT_EQ(favourable_values(slope, 0, order_of(slope)), std::vector<bool>(4, true));
}

TEST(Dominance, what_is_favourable_in_the_first_context_stays) {
  const ValueSizes ramp = curve({10, 20, 30}), level = curve({30, 30, 30});
  const GeneVerdict one = verdict({ramp, level, level, level, level, level, level, level}, 0, 0.25, order_of(ramp));
  EXPECT_EQ(one.kept, std::vector<bool>(3, true));
  const GeneVerdict other = verdict({level, ramp, level, level, level, level, level, level}, 0, 0.25, order_of(ramp));
  EXPECT_EQ(other.kept, (std::vector<bool>{false, false, true}));
  EXPECT_EQ(other.dominator, (std::vector<int>{2, 2, -1}));
  EXPECT_EQ(other.favourable, (std::vector<std::int64_t>{1, 1, 8}));
}

TEST(Dominance, what_runs_nowhere_goes) {
  ValueSizes sizes = curve({10, 20, 30});
  sizes[2].reset();
  const GeneVerdict found = verdict({sizes, sizes}, 0, 0.25, order_of(sizes));
  EXPECT_EQ(found.kept, (std::vector<bool>{true, true, false}));
  EXPECT_EQ(found.dominator[2], -1);
}

}  // namespace
}  // namespace lanewise::study
