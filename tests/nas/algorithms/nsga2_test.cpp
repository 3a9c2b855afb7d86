// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/base/error.hpp"
#include "nas/algorithms/hypervolume.hpp"
#include "tests/nas/algorithms/test_problems.hpp"

namespace lanewise::nas {
namespace {

std::set<std::vector<double>> objectives(const SearchResult& result) {
  std::set<std::vector<double>> found;
  for (const Individual& individual : result.front) found.insert(individual.evaluation.objectives);
  return found;
}

struct Run {
  SearchOptions options;
  int generations = 0;
};

Run options(std::uint64_t seed, int population, int generations) {
  Run run;
  run.options.seed = seed;
  run.options.population = population;
  run.generations = generations;
  return run;
}

// A first batch and so many generations.
SearchResult nsga2(Problem& problem, const Run& run, const std::vector<Genotype>& seeds = {}) {
  return search_with("nsga2", problem, run.options, std::int64_t{run.options.population} * (run.generations + 1),
                     seeds);
}

// ZDT1's shape on whole choices: the front is where all genes but the first are at their best.
FunctionProblem zdt(std::size_t genes, int values) {
  return FunctionProblem(std::vector<int>(genes, values), [values](const Genotype& genotype) {
    const auto share = [values](int value) { return static_cast<double>((value * 7 + 3) % values) / (values - 1); };
    double rest = 0;
    for (std::size_t i = 1; i < genotype.size(); ++i) rest += share(genotype[i]);
    const double g = 1 + 9 * rest / static_cast<double>(genotype.size() - 1);
    const double first = share(genotype[0]);
    return Evaluation{{first, g * (1 - std::sqrt(first / g))}, 0};
  });
}

// Three objectives that pull apart.
FunctionProblem corners() {
  return FunctionProblem({5, 5, 5, 4}, [](const Genotype& g) {
    const double a = g[0], b = g[1], c = g[2], slack = g[3];
    return Evaluation{{a + slack, b + slack + (4 - a) * (4 - c), c + (4 - a) + (4 - b)}, 0};
  });
}

TEST(Evolve, finds_the_exact_front_of_problems_that_can_be_enumerated) {
  std::vector<FunctionProblem> problems;
  problems.push_back(zdt(4, 8));             // 4,096 genotypes
  problems.push_back(corners());             // 500
  problems.push_back(knapsack(3, 12, 0));    // 4,096
  problems.push_back(knapsack(4, 12, 120));  // constrained
  const std::vector<int> budget = {1200, 300, 1600, 1600};
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const SearchResult result = nsga2(problems[i], options(1, 40, budget[i] / 40));
    EXPECT_LT(result.evaluations, static_cast<std::int64_t>(problems[i].enumerate().size())) << "problem " << i;
    const auto exact = problems[i].exact_front();
    const auto found = objectives(result);
    std::size_t hits = 0;
    for (const auto& point : found) hits += exact.count(point);
    // Nearly all of the front from a part of the space, and nothing beyond it.
    EXPECT_GE(static_cast<double>(hits), 0.85 * static_cast<double>(exact.size())) << "problem " << i;
    for (const auto& point : found) {
      bool matched = false;
      for (const auto& best : exact) matched = matched || best == point || dominates({best, 0}, {point, 0});
      EXPECT_TRUE(matched);
    }
  }
}

TEST(Evolve, an_exhausted_space_gives_the_exact_front_and_ends) {
  FunctionProblem problem = knapsack(7, 8, 60);
  const SearchResult result = nsga2(problem, options(1, 20, 1000));
  EXPECT_EQ(result.evaluations, 256);
  EXPECT_EQ(problem.asked.size(), 256u);
  EXPECT_EQ(objectives(result), problem.exact_front());
}

TEST(Evolve, never_evaluates_a_genotype_twice) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    FunctionProblem problem = zdt(6, 3);  // 729 genotypes
    const SearchResult result = nsga2(problem, options(seed, 16, 30));
    const std::set<Genotype> distinct(problem.asked.begin(), problem.asked.end());
    EXPECT_EQ(distinct.size(), problem.asked.size());
    EXPECT_EQ(result.evaluations, 16 * 31);
    EXPECT_EQ(problem.batches, 31);  // one batch a generation
  }
}

TEST(Evolve, the_same_seed_gives_the_same_search_and_another_a_different_one) {
  FunctionProblem first = knapsack(5, 20, 100);
  FunctionProblem second = knapsack(5, 20, 100);
  FunctionProblem third = knapsack(5, 20, 100);
  const SearchResult a = nsga2(first, options(9, 24, 20));
  const SearchResult b = nsga2(second, options(9, 24, 20));
  nsga2(third, options(10, 24, 20));
  EXPECT_EQ(first.asked, second.asked);
  EXPECT_NE(first.asked, third.asked);
  ASSERT_EQ(a.front.size(), b.front.size());
  for (std::size_t i = 0; i < a.front.size(); ++i) EXPECT_EQ(a.front[i].genotype, b.front[i].genotype);
}

TEST(Evolve, the_default_comes_first_and_seeds_join_the_first_population) {
  FunctionProblem problem = knapsack(5, 20, 0);
  const Genotype all(20, 1);
  Genotype one(20, 0);
  one[7] = 1;
  nsga2(problem, options(1, 10, 0), {all, one, all});
  ASSERT_EQ(problem.asked.size(), 10u);
  EXPECT_EQ(problem.asked[0], Genotype(20, 0));
  EXPECT_EQ(problem.asked[1], all);
  EXPECT_EQ(problem.asked[2], one);
}

TEST(Evolve, the_front_is_feasible_non_dominated_and_sorted) {
  FunctionProblem problem = knapsack(11, 18, 200);
  const SearchResult result = nsga2(problem, options(3, 30, 30));
  ASSERT_GT(result.front.size(), 3u);
  // Over everything evaluated, not only over the last population.
  std::vector<Evaluation> feasible;
  for (const Genotype& genotype : problem.asked) {
    if (problem.at(genotype).violation == 0) feasible.push_back(problem.at(genotype));
  }
  std::set<std::vector<double>> expected;
  for (const std::size_t i : pareto_front(feasible)) expected.insert(feasible[i].objectives);
  EXPECT_EQ(objectives(result), expected);
  EXPECT_EQ(result.front.size(), expected.size());
  for (std::size_t i = 0; i < result.front.size(); ++i) {
    EXPECT_EQ(result.front[i].evaluation.violation, 0);
    EXPECT_GE(-result.front[i].evaluation.objectives[1], 200);
    if (i > 0) {
      EXPECT_LE(result.front[i - 1].evaluation.objectives[0], result.front[i].evaluation.objectives[0]);
    }
  }
}

TEST(Evolve, finds_feasible_candidates_from_an_infeasible_start) {
  // One genotype in 4^10 of the last five genes is feasible with each choice of the others: violation leads there.
  FunctionProblem problem(std::vector<int>(10, 4), [](const Genotype& g) {
    double missing = 0, cost = 0;
    for (std::size_t i = 0; i < 10; ++i) {
      if (i >= 5) missing += g[i] == 3 ? 0 : 1;
      cost += g[i];
    }
    return Evaluation{{cost, 30 - cost}, missing};
  });
  const SearchResult result = nsga2(problem, options(1, 24, 40));
  ASSERT_FALSE(result.front.empty());
  for (const Individual& individual : result.front) {
    for (std::size_t i = 5; i < 10; ++i) EXPECT_EQ(individual.genotype[i], 3);
  }
}

TEST(Evolve, nothing_feasible_gives_an_empty_front) {
  FunctionProblem problem({3, 3}, [](const Genotype& g) { return Evaluation{{1.0 * g[0], 1.0 * g[1]}, 1}; });
  const SearchResult result = nsga2(problem, options(1, 4, 10));
  EXPECT_TRUE(result.front.empty());
  EXPECT_EQ(result.evaluations, 9);
}

TEST(Evolve, of_equal_candidates_the_plainest_is_shown) {
  // The last two genes change nothing.
  FunctionProblem problem({4, 3, 3}, [](const Genotype& g) { return Evaluation{{1.0 * g[0], 3.0 - g[0]}, 0}; });
  const SearchResult result = nsga2(problem, options(1, 12, 10));
  ASSERT_EQ(result.front.size(), 4u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(result.front[static_cast<std::size_t>(i)].genotype, (Genotype{i, 0, 0}));
}

TEST(Evolve, beats_random_search_with_equal_evaluations) {
  double evolved = 0, drawn = 0;
  int wins = 0;
  constexpr int kSeeds = 20;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    FunctionProblem problem = zdt(12, 6);  // 2e9 genotypes
    nsga2(problem, options(seed, 24, 25));
    const auto volume = [&](const std::vector<Genotype>& genotypes) {
      std::vector<Point> points;
      for (const Genotype& genotype : genotypes) points.push_back(problem.at(genotype).objectives);
      return hypervolume(points, {1.1, 10.0});
    };
    Random random(seed);
    std::vector<Genotype> uniform(problem.asked.size(), Genotype(12));
    for (Genotype& genotype : uniform) {
      for (int& value : genotype) value = static_cast<int>(random.below(6));
    }
    const double a = volume(problem.asked);
    const double b = volume(uniform);
    evolved += a / kSeeds;
    drawn += b / kSeeds;
    wins += a > b ? 1 : 0;
  }
  std::printf("hypervolume after 624 samples: evolved %.3f, random %.3f\n", evolved, drawn);
  EXPECT_EQ(wins, kSeeds);
  EXPECT_GT(evolved, 1.15 * drawn);
}

TEST(Evolve, a_space_without_genes_has_one_candidate) {
  FunctionProblem problem({}, [](const Genotype&) { return Evaluation{{1, 2}, 0}; });
  const SearchResult result = nsga2(problem, options(1, 10, 10));
  EXPECT_EQ(result.evaluations, 1);
  EXPECT_EQ(result.front.size(), 1u);
}

TEST(Evolve, wrong_options_and_seeds_are_refused) {
  FunctionProblem problem({2, 3}, [](const Genotype&) { return Evaluation{{1}, 0}; });
  const auto message = [&](const SearchOptions& chosen, const std::vector<Genotype>& seeds) -> std::string {
    try {
      make_algorithm("nsga2", problem, chosen, seeds);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  SearchOptions lonely, wild, backward;
  lonely.population = 1;
  wild.crossover = 1.5;
  backward.batch = -1;
  EXPECT_EQ(message(lonely, {}), "search: population is 1, must be at least 2");
  EXPECT_EQ(message(backward, {}), "search: batch is -1, must not be negative");
  EXPECT_EQ(message(wild, {}), "search: crossover is 1.5, must lie in [0, 1]");
  EXPECT_EQ(message({}, {{0}}), "search: a seed has 1 genes, the space 2");
  EXPECT_EQ(message({}, {{0, 3}}), "search: a seed has value 3 for gene gene1, which has 3 values");
}

}  // namespace
}  // namespace lanewise::nas
