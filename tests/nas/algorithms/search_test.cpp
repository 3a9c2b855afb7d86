// SPDX-License-Identifier: Apache-2.0
#include "nas/search.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "nas/algorithms/hypervolume.hpp"
#include "tests/nas/algorithms/test_problems.hpp"

namespace lanewise::nas {
namespace {

std::string refusal(const SearchBudget& budget, const SearchStart& start = {}) {
  FunctionProblem problem = knapsack(1, 6, 0);
  try {
    search(problem, *make_algorithm("random", problem, {}), budget, start);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Search, a_budget_must_be_set_and_sensible) {
  SearchBudget none, negative, counted, window;
  negative.evaluations = -1;
  counted.simulations = 5;
  window.no_gain_batches = -2;
  EXPECT_EQ(refusal(none), "search: nothing says when it ends: set a budget");
  EXPECT_EQ(refusal(negative), "search: the budget in evaluations is -1, must not be negative");
  EXPECT_EQ(refusal(counted), "search: the budget counts simulations, and nothing here simulates");
  EXPECT_EQ(refusal(window), "search: batches without gain is -2, must not be negative");
  SearchBudget some;
  some.evaluations = 20;
  SearchStart start;
  start.reference = {1, 2, 3};
  EXPECT_EQ(refusal(some, start), "search: the reference point has 3 values, there are 2 objectives");
  start.reference.clear();
  start.state = "search 2\n";
  EXPECT_EQ(refusal(some, start), "state of a search, line 1: search is '2', must be '1'");
}

TEST(Search, evaluations_are_exact_and_the_last_batch_is_cut) {
  FunctionProblem problem = knapsack(1, 10, 0);
  SearchOptions options;
  options.batch = 8;
  SearchBudget budget;
  budget.evaluations = 21;
  const SearchResult result = search(problem, *make_algorithm("random", problem, options), budget);
  EXPECT_EQ(result.evaluations, 21);
  EXPECT_EQ(problem.asked.size(), 21u);
  EXPECT_EQ(problem.batches, 3);
  EXPECT_EQ(result.end, SearchEnd::kEvaluations);
}

TEST(Search, simulations_are_counted_by_whoever_simulates) {
  FunctionProblem problem = knapsack(1, 12, 0);
  SearchOptions options;
  options.batch = 10;
  SearchBudget budget;
  budget.simulations = 75;
  SearchHooks hooks;
  hooks.simulations = [&] { return static_cast<std::int64_t>(2 * problem.asked.size()); };
  const SearchResult result = search(problem, *make_algorithm("random", problem, options), budget, {}, hooks);
  EXPECT_EQ(result.end, SearchEnd::kSimulations);
  EXPECT_EQ(result.evaluations, 40);
}

TEST(Search, seconds_end_it_too) {
  FunctionProblem problem = knapsack(1, 20, 0);
  SearchBudget budget;
  budget.seconds = 1e-9;
  const SearchResult result = search(problem, *make_algorithm("random", problem, {}), budget);
  EXPECT_EQ(result.end, SearchEnd::kSeconds);
}

TEST(Search, the_curve_is_the_hypervolume_of_what_was_found_so_far) {
  FunctionProblem problem = knapsack(4, 12, 60);
  SearchOptions options;
  options.batch = 7;
  SearchBudget budget;
  budget.evaluations = 70;
  const SearchResult result = search(problem, *make_algorithm("random", problem, options), budget);
  ASSERT_EQ(result.curve.size(), 10u);
  for (std::size_t batch = 0; batch < result.curve.size(); ++batch) {
    std::vector<Point> points;
    for (std::size_t i = 0; i < 7 * (batch + 1); ++i) {
      const Evaluation evaluation = problem.at(problem.asked[i]);
      if (evaluation.violation == 0) points.push_back(evaluation.objectives);
    }
    EXPECT_EQ(result.curve[batch].evaluations, static_cast<std::int64_t>(7 * (batch + 1)));
    if (result.curve[batch].hypervolume > 0) {
      EXPECT_NEAR(result.curve[batch].hypervolume, hypervolume(points, result.reference), 1e-9);
    }
  }
  EXPECT_EQ(result.curve.back().front, static_cast<std::int64_t>(result.front.size()));
}

TEST(Search, the_reference_point_is_a_tenth_beyond_the_first_feasible_batch) {
  FunctionProblem problem({10}, [](const Genotype& g) { return Evaluation{{1.0 * g[0], 9.0 - g[0]}, 0}; });
  SearchOptions options;
  options.batch = 10;
  SearchBudget budget;
  budget.evaluations = 10;
  const SearchResult result = search(problem, *make_algorithm("random", problem, options), budget);
  ASSERT_EQ(result.reference.size(), 2u);
  EXPECT_DOUBLE_EQ(result.reference[0], 9.9);
  EXPECT_DOUBLE_EQ(result.reference[1], 9.9);
  SearchStart start;
  start.reference = {20, 30};
  EXPECT_EQ(search(problem, *make_algorithm("random", problem, options), budget, start).reference, start.reference);
}

TEST(Search, no_gain_ends_it_and_a_least_gain_says_what_is_none) {
  // Only the first of 20 genes matters: the front is complete within the first batch or two.
  FunctionProblem problem(std::vector<int>(20, 2), [](const Genotype& g) {
    return Evaluation{{1.0 * g[0], 1.0 - g[0]}, 0};
  });
  SearchOptions options;
  options.batch = 10;
  SearchBudget budget;
  budget.no_gain_batches = 4;
  const SearchResult result = search(problem, *make_algorithm("random", problem, options), budget);
  EXPECT_EQ(result.end, SearchEnd::kNoGain);
  EXPECT_LE(result.curve.size(), 7u);
  EXPECT_EQ(result.curve.back().hypervolume, result.curve[result.curve.size() - 5].hypervolume);
}

TEST(Search, a_stored_state_goes_on_under_a_larger_budget) {
  FunctionProblem whole = knapsack(2, 14, 0), first = knapsack(2, 14, 0), rest = knapsack(2, 14, 0);
  SearchOptions options;
  options.population = 10;
  SearchBudget small, large;
  small.evaluations = 40;
  large.evaluations = 90;
  search(whole, *make_algorithm("nsga2", whole, options), large);
  SearchStart start;
  SearchHooks hooks;
  hooks.after_batch = [&](const SearchBatch& batch) { start.state = batch.state(); };
  search(first, *make_algorithm("nsga2", first, options), small, {}, hooks);
  const SearchResult result = search(rest, *make_algorithm("nsga2", rest, options), large, start);
  std::vector<Genotype> asked = first.asked;
  asked.insert(asked.end(), rest.asked.begin(), rest.asked.end());
  EXPECT_EQ(asked, whole.asked);
  EXPECT_EQ(result.evaluations, 90);
  EXPECT_EQ(result.curve.size(), 9u);
}

TEST(Search, where_nothing_is_feasible_the_least_violating_are_returned) {
  FunctionProblem problem({5, 5}, [](const Genotype& g) {
    return Evaluation{{1.0 * g[0], 1.0 * g[1]}, 1.0 + g[0] + g[1]};
  });
  SearchBudget budget;
  budget.evaluations = 25;
  for (const AlgorithmKind& kind : algorithms()) {
    const SearchResult result = search(problem, *make_algorithm(kind.name, problem, {}), budget);
    EXPECT_TRUE(result.front.empty()) << kind.name;
    EXPECT_TRUE(result.reference.empty()) << kind.name;
    ASSERT_EQ(result.least_violating.size(), 10u) << kind.name;
    EXPECT_EQ(result.least_violating.front().genotype, (Genotype{0, 0})) << kind.name;
    for (std::size_t i = 1; i < 10; ++i) {
      EXPECT_LE(result.least_violating[i - 1].evaluation.violation, result.least_violating[i].evaluation.violation);
    }
  }
}

}  // namespace
}  // namespace lanewise::nas
