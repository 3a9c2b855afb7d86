// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/dominance.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/random.hpp"

namespace lanewise::nas {
namespace {

// Small whole objectives, so that ties and duplicates are frequent; a third infeasible where asked.
std::vector<Evaluation> random_evaluations(std::uint64_t seed, std::size_t count, int objectives, bool constrained) {
  Random random(seed);
  std::vector<Evaluation> evaluations(count);
  for (Evaluation& evaluation : evaluations) {
    for (int i = 0; i < objectives; ++i) evaluation.objectives.push_back(static_cast<double>(random.below(8)));
    if (constrained && random.chance(1.0 / 3)) evaluation.violation = static_cast<double>(1 + random.below(3));
  }
  return evaluations;
}

TEST(Dominance, follows_its_definition) {
  EXPECT_TRUE(dominates({{1, 2}, 0}, {{1, 3}, 0}));
  EXPECT_FALSE(dominates({{1, 2}, 0}, {{1, 2}, 0}));
  EXPECT_FALSE(dominates({{1, 4}, 0}, {{2, 3}, 0}));
  EXPECT_TRUE(dominates({{9, 9}, 0}, {{1, 1}, 0.1}));    // feasible before infeasible
  EXPECT_TRUE(dominates({{9, 9}, 0.1}, {{1, 1}, 0.2}));  // then less violation
  EXPECT_FALSE(dominates({{1, 1}, 0.2}, {{9, 9}, 0.2}));
}

TEST(Dominance, is_a_strict_partial_order) {
  const auto all = random_evaluations(1, 60, 3, true);
  for (const Evaluation& a : all) {
    EXPECT_FALSE(dominates(a, a));
    for (const Evaluation& b : all) {
      if (!dominates(a, b)) continue;
      EXPECT_FALSE(dominates(b, a));
      for (const Evaluation& c : all) {
        if (dominates(b, c)) {
          EXPECT_TRUE(dominates(a, c));
        }
      }
    }
  }
}

TEST(ParetoFront, holds_exactly_what_nothing_dominates) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto all = random_evaluations(seed, 80, 1 + static_cast<int>(seed % 3), seed % 2 == 0);
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < all.size(); ++i) {
      bool beaten = false;
      for (const Evaluation& other : all) beaten = beaten || dominates(other, all[i]);
      if (!beaten) expected.push_back(i);
    }
    EXPECT_EQ(pareto_front(all), expected) << "seed " << seed;
  }
  EXPECT_TRUE(pareto_front({}).empty());
}

TEST(NonDominatedSort, peels_one_front_after_another) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto all = random_evaluations(seed, 60, 2, seed % 2 == 0);
    std::vector<std::size_t> left(all.size());
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
    for (const auto& front : non_dominated_sort(all)) {
      std::vector<Evaluation> remaining;
      for (const std::size_t i : left) remaining.push_back(all[i]);
      std::vector<std::size_t> expected, rest;
      const auto best = pareto_front(remaining);
      for (std::size_t i = 0, next = 0; i < left.size(); ++i) {
        const bool chosen = next < best.size() && best[next] == i;
        (chosen ? expected : rest).push_back(left[i]);
        next += chosen ? 1 : 0;
      }
      EXPECT_EQ(front, expected);
      left = rest;
    }
    EXPECT_TRUE(left.empty());
  }
}

TEST(CrowdingDistance, is_the_sum_of_relative_gaps) {
  const std::vector<Evaluation> all = {{{0, 10}, 0}, {{1, 6}, 0}, {{4, 5}, 0}, {{10, 0}, 0}};
  const auto distance = crowding_distance(all, {0, 1, 2, 3});
  EXPECT_TRUE(std::isinf(distance[0]));
  EXPECT_DOUBLE_EQ(distance[1], 4.0 / 10 + 5.0 / 10);
  EXPECT_DOUBLE_EQ(distance[2], 9.0 / 10 + 6.0 / 10);
  EXPECT_TRUE(std::isinf(distance[3]));
}

TEST(CrowdingDistance, an_objective_without_extent_adds_nothing) {
  const std::vector<Evaluation> all = {{{0, 7}, 0}, {{1, 7}, 0}, {{4, 7}, 0}};
  const auto distance = crowding_distance(all, {0, 1, 2});
  EXPECT_DOUBLE_EQ(distance[1], 1.0);
  EXPECT_TRUE(crowding_distance(all, {}).empty());
}

}  // namespace
}  // namespace lanewise::nas
