// SPDX-License-Identifier: Apache-2.0
#include "study/advice/knapsack.hpp"

#include <gtest/gtest.h>

#include <random>

namespace lanewise::study {
namespace {

struct Problem {
  std::vector<KnapsackChoice> choices;
  std::vector<double> room;
};

Problem random_problem(unsigned seed, std::size_t groups, std::size_t each) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(-1, 1);
  Problem problem;
  for (std::size_t g = 0; g < groups; ++g) {
    for (std::size_t i = 0; i < each; ++i) problem.choices.push_back({g, unit(random), {unit(random), unit(random)}});
  }
  problem.room = {0.3, 0.1};
  return problem;
}

double cost(const Problem& problem, const std::vector<std::size_t>& set) {
  double sum = 0;
  for (const std::size_t i : set) sum += problem.choices[i].cost;
  return sum;
}

bool fits(const Problem& problem, const std::vector<std::size_t>& set) {
  for (std::size_t k = 0; k < problem.room.size(); ++k) {
    double sum = 0;
    for (const std::size_t i : set) sum += problem.choices[i].uses[k];
    if (sum > problem.room[k]) return false;
  }
  return true;
}

// Every choice of every group, or none of it.
double least_cost(const Problem& problem, std::size_t group, std::size_t groups, std::size_t each,
                  std::vector<std::size_t>& set) {
  if (group == groups) return fits(problem, set) ? cost(problem, set) : 0;
  double best = least_cost(problem, group + 1, groups, each, set);
  for (std::size_t i = 0; i < each; ++i) {
    set.push_back(group * each + i);
    best = std::min(best, least_cost(problem, group + 1, groups, each, set));
    set.pop_back();
  }
  return best;
}

TEST(Knapsack, comes_near_the_exhaustive_answer_and_never_takes_two_of_a_group) {
  constexpr std::size_t kGroups = 8, kEach = 3;
  double reached = 0, possible = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Problem problem = random_problem(seed, kGroups, kEach);
    std::vector<std::size_t> none;
    const double best = least_cost(problem, 0, kGroups, kEach, none);
    double found = 0;
    for (const std::vector<std::size_t>& set : solve_knapsack(problem.choices, problem.room, 12)) {
      std::vector<bool> taken(kGroups, false);
      for (const std::size_t i : set) {
        EXPECT_FALSE(taken[problem.choices[i].group]);
        taken[problem.choices[i].group] = true;
      }
      if (fits(problem, set)) found = std::min(found, cost(problem, set));
    }
    EXPECT_GE(found, best - 1e-12);
    reached += found;
    possible += best;
  }
  EXPECT_GE(reached / possible, 0.9);
}

TEST(Knapsack, of_no_choices_there_are_no_sets) { EXPECT_TRUE(solve_knapsack({}, {0.5}, 4).empty()); }

}  // namespace
}  // namespace lanewise::study
