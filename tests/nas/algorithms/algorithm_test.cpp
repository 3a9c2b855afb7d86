// SPDX-License-Identifier: Apache-2.0
// What every algorithm of the table promises.
#include "nas/algorithms/algorithm.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/base/error.hpp"
#include "tests/nas/algorithms/test_problems.hpp"

namespace lanewise::nas {
namespace {

SearchOptions small_search(std::uint64_t seed) {
  SearchOptions options;
  options.seed = seed;
  options.population = 10;
  options.generations = 12;
  return options;
}

std::vector<Genotype> genotypes(const SearchResult& result) {
  std::vector<Genotype> out;
  for (const Individual& individual : result.front) out.push_back(individual.genotype);
  return out;
}

TEST(Algorithm, every_name_makes_an_algorithm_and_others_are_refused_with_the_list) {
  for (const AlgorithmKind& kind : algorithms()) EXPECT_NE(make_algorithm(kind.name, {}), nullptr) << kind.name;
  try {
    make_algorithm("nsga-ii", {});
    FAIL();
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const AlgorithmKind& kind : algorithms()) EXPECT_NE(message.find(kind.name), std::string::npos) << message;
  }
}

TEST(Algorithm, the_same_seed_gives_the_same_result_and_another_seed_other_questions) {
  for (const AlgorithmKind& kind : algorithms()) {
    FunctionProblem first = knapsack(3, 12, 0), second = knapsack(3, 12, 0), third = knapsack(3, 12, 0);
    const SearchResult a = make_algorithm(kind.name, small_search(1))->search(first);
    const SearchResult b = make_algorithm(kind.name, small_search(1))->search(second);
    make_algorithm(kind.name, small_search(2))->search(third);
    EXPECT_EQ(genotypes(a), genotypes(b)) << kind.name;
    EXPECT_EQ(first.asked, second.asked) << kind.name;
    EXPECT_NE(first.asked, third.asked) << kind.name;
  }
}

TEST(Algorithm, no_genotype_is_asked_for_twice_and_the_budget_holds) {
  for (const AlgorithmKind& kind : algorithms()) {
    FunctionProblem problem = knapsack(5, 14, 0);
    const SearchOptions options = small_search(4);
    const SearchResult result = make_algorithm(kind.name, options)->search(problem);
    const std::set<Genotype> distinct(problem.asked.begin(), problem.asked.end());
    EXPECT_EQ(distinct.size(), problem.asked.size()) << kind.name;
    EXPECT_EQ(result.evaluations, static_cast<std::int64_t>(problem.asked.size())) << kind.name;
    EXPECT_LE(result.evaluations, options.population * (options.generations + 1)) << kind.name;
  }
}

TEST(Algorithm, the_default_and_the_seeds_are_asked_for_first) {
  for (const AlgorithmKind& kind : algorithms()) {
    FunctionProblem problem = knapsack(5, 8, 0);
    const Genotype seed(8, 1);
    make_algorithm(kind.name, small_search(1))->search(problem, {seed});
    ASSERT_GE(problem.asked.size(), 2u) << kind.name;
    EXPECT_EQ(problem.asked[0], Genotype(8, 0)) << kind.name;
    EXPECT_EQ(problem.asked[1], seed) << kind.name;
  }
}

TEST(Algorithm, a_space_that_is_exhausted_ends_the_search_with_its_exact_front) {
  for (const AlgorithmKind& kind : algorithms()) {
    FunctionProblem problem = knapsack(7, 5, 20);
    const SearchResult result = make_algorithm(kind.name, small_search(1))->search(problem);
    EXPECT_EQ(result.evaluations, 32) << kind.name;
    std::set<std::vector<double>> found;
    for (const Individual& individual : result.front) found.insert(individual.evaluation.objectives);
    EXPECT_EQ(found, problem.exact_front()) << kind.name;
  }
}

}  // namespace
}  // namespace lanewise::nas
