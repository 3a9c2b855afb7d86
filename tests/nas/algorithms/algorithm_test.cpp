// SPDX-License-Identifier: Apache-2.0
// What every algorithm of the table promises.
#include "nas/algorithms/algorithm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <thread>

#include "core/base/error.hpp"
#include "tests/nas/algorithms/test_problems.hpp"

namespace lanewise::nas {
namespace {

constexpr std::int64_t kEvaluations = 110;

SearchOptions small_search(std::uint64_t seed) {
  SearchOptions options;
  options.seed = seed;
  options.population = 10;
  options.batch = 5;
  return options;
}

SearchBudget budget_of(std::int64_t evaluations) {
  SearchBudget budget;
  budget.evaluations = evaluations;
  return budget;
}

std::vector<Genotype> genotypes(const std::vector<Individual>& individuals) {
  std::vector<Genotype> out;
  for (const Individual& individual : individuals) out.push_back(individual.genotype);
  return out;
}

// Three objectives, one of them free, limits that are partly known beforehand, values of every kind, and genotypes that
// mean the same: the last gene matters only where the first has value 0.
class Mixed : public FunctionProblem {
 public:
  Mixed() : FunctionProblem({3, 4, 2, 5, 3}, evaluation) {}
  Genotype canonical(const Genotype& genotype) const override {
    Genotype same = genotype;
    if (same[0] != 0) same[4] = 0;
    return same;
  }
  std::vector<bool> free_objectives() const override { return {false, true, false}; }
  std::vector<Evaluation> known_beforehand(const std::vector<Genotype>& genotypes) const override {
    std::vector<Evaluation> known;
    for (const Genotype& genotype : genotypes) {
      const double nan = std::numeric_limits<double>::quiet_NaN();
      known.push_back({{nan, size(genotype), nan}, std::max(0.0, size(genotype) / 11 - 1)});
    }
    return known;
  }

 private:
  static double size(const Genotype& g) { return 1.0 + g[0] + g[1] + g[2] + g[3]; }
  static Evaluation evaluation(const Genotype& g) {
    if (g[1] == 3 && g[3] == 4) return {{1e308, 1e308, 1e308}, 1e6};  // cannot be
    const double tail = g[0] == 0 ? 0.3 * g[4] : 0.1;
    const double slow = std::exp(0.8 * g[0] + 0.5 * g[1] + 0.4 * (4 - g[3]) + tail);
    const double error = 10.0 / (1 + g[0] + 0.5 * g[2] + tail) + g[3];
    return {{slow, size(g), error}, std::max(0.0, size(g) / 11 - 1) + std::max(0.0, slow / 40 - 1)};
  }
};

// The same answers, found on several threads.
class Threaded : public Mixed {
 public:
  std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) override {
    std::vector<Evaluation> evaluations(genotypes.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < genotypes.size(); ++i) {
      threads.emplace_back([&, i] { evaluations[i] = at(genotypes[i]); });
    }
    for (std::thread& thread : threads) thread.join();
    asked.insert(asked.end(), genotypes.begin(), genotypes.end());
    return evaluations;
  }
};

TEST(Algorithm, every_name_makes_an_algorithm_and_others_are_refused_with_the_list) {
  FunctionProblem problem = knapsack(3, 5, 0);
  for (const AlgorithmKind& kind : algorithms()) EXPECT_NE(make_algorithm(kind.name, problem, {}), nullptr);
  try {
    make_algorithm("nsga-ii", problem, {});
    FAIL();
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const AlgorithmKind& kind : algorithms()) EXPECT_NE(message.find(kind.name), std::string::npos) << message;
  }
}

TEST(Algorithm, the_same_seed_gives_the_same_result_and_another_seed_other_questions) {
  for (const AlgorithmKind& kind : algorithms()) {
    FunctionProblem first = knapsack(3, 12, 0), second = knapsack(3, 12, 0), third = knapsack(3, 12, 0);
    const SearchResult a = search_with(kind.name, first, small_search(1), kEvaluations);
    const SearchResult b = search_with(kind.name, second, small_search(1), kEvaluations);
    search_with(kind.name, third, small_search(2), kEvaluations);
    EXPECT_EQ(genotypes(a.front), genotypes(b.front)) << kind.name;
    EXPECT_EQ(first.asked, second.asked) << kind.name;
    EXPECT_NE(first.asked, third.asked) << kind.name;
  }
}

TEST(Algorithm, questions_are_canonical_and_new_and_the_budget_holds) {
  for (const AlgorithmKind& kind : algorithms()) {
    Mixed problem;
    const SearchResult result = search_with(kind.name, problem, small_search(4), kEvaluations + 3);
    const std::set<Genotype> distinct(problem.asked.begin(), problem.asked.end());
    EXPECT_EQ(distinct.size(), problem.asked.size()) << kind.name;
    EXPECT_EQ(problem.asked.size(), static_cast<std::size_t>(kEvaluations + 3)) << kind.name;
    EXPECT_EQ(result.evaluations, kEvaluations + 3) << kind.name;
    for (const Genotype& genotype : problem.asked) EXPECT_EQ(problem.canonical(genotype), genotype) << kind.name;
  }
}

TEST(Algorithm, the_default_and_the_seeds_are_asked_for_first) {
  for (const AlgorithmKind& kind : algorithms()) {
    FunctionProblem problem = knapsack(5, 8, 0);
    const Genotype seed(8, 1);
    search_with(kind.name, problem, small_search(1), 20, {seed});
    ASSERT_EQ(problem.asked.size(), 20u) << kind.name;
    EXPECT_EQ(problem.asked[0], Genotype(8, 0)) << kind.name;
    EXPECT_EQ(problem.asked[1], seed) << kind.name;
  }
}

TEST(Algorithm, a_space_that_is_exhausted_ends_the_search_with_its_exact_front) {
  for (const AlgorithmKind& kind : algorithms()) {
    FunctionProblem problem = knapsack(7, 5, 20);
    const SearchResult result = search_with(kind.name, problem, small_search(1), 1000);
    EXPECT_EQ(result.evaluations, 32) << kind.name;
    EXPECT_EQ(result.end, SearchEnd::kExhausted) << kind.name;
    std::set<std::vector<double>> found;
    for (const Individual& individual : result.front) found.insert(individual.evaluation.objectives);
    EXPECT_EQ(found, problem.exact_front()) << kind.name;

    Mixed mixed;  // 120 genotypes with the first gene at 0, 2 x 40 others
    EXPECT_EQ(search_with(kind.name, mixed, small_search(1), 1000).evaluations, 200) << kind.name;
  }
}

TEST(Algorithm, a_search_of_one_objective_or_without_genes_ends_well) {
  for (const AlgorithmKind& kind : algorithms()) {
    FunctionProblem single({4, 4, 4}, [](const Genotype& g) {
      return Evaluation{{1.0 * g[0] * g[1] - 2.0 * g[2]}, 0};
    });
    const SearchResult found = search_with(kind.name, single, small_search(1), 64);
    ASSERT_EQ(found.front.size(), 1u) << kind.name;
    EXPECT_EQ(found.front[0].genotype, (Genotype{0, 0, 3})) << kind.name;
    FunctionProblem none({}, [](const Genotype&) { return Evaluation{{1, 2}, 0}; });
    EXPECT_EQ(search_with(kind.name, none, small_search(1), 10).evaluations, 1) << kind.name;
  }
}

TEST(Algorithm, saved_and_loaded_after_any_batch_it_goes_on_as_if_it_had_not_ended) {
  for (const AlgorithmKind& kind : algorithms()) {
    Mixed whole;
    std::vector<std::string> states;
    std::vector<std::size_t> asked;
    SearchHooks hooks;
    hooks.after_batch = [&](const SearchBatch& batch) {
      states.push_back(batch.state());
      asked.push_back(whole.asked.size());
    };
    search(whole, *make_algorithm(kind.name, whole, small_search(2)), budget_of(kEvaluations), {}, hooks);
    for (std::size_t i = 0; i + 1 < states.size(); i += 3) {
      Mixed rest;
      std::string last;
      SearchHooks again;
      again.after_batch = [&](const SearchBatch& batch) { last = batch.state(); };
      SearchStart start;
      start.state = states[i];
      search(rest, *make_algorithm(kind.name, rest, small_search(2)), budget_of(kEvaluations), start, again);
      const auto from = whole.asked.begin() + static_cast<std::ptrdiff_t>(asked[i]);
      EXPECT_EQ(rest.asked, std::vector<Genotype>(from, whole.asked.end())) << kind.name << " after batch " << i;
      EXPECT_EQ(last, states.back()) << kind.name << " after batch " << i;
    }
  }
}

TEST(Algorithm, answers_found_in_parallel_change_nothing) {
  for (const AlgorithmKind& kind : algorithms()) {
    Mixed serial;
    Threaded parallel;
    search_with(kind.name, serial, small_search(3), kEvaluations);
    search_with(kind.name, parallel, small_search(3), kEvaluations);
    EXPECT_EQ(serial.asked, parallel.asked) << kind.name;
  }
}

TEST(Algorithm, what_another_search_has_evaluated_is_not_asked_for_again_and_does_not_count) {
  for (const AlgorithmKind& kind : algorithms()) {
    Mixed first, second;
    search_with(kind.name, first, small_search(1), 60);
    SearchStart start;
    for (const Genotype& genotype : first.asked) start.known.push_back({genotype, first.at(genotype)});
    const SearchResult result =
        search(second, *make_algorithm(kind.name, second, small_search(2)), budget_of(50), start);
    EXPECT_EQ(result.evaluations, 50) << kind.name;
    EXPECT_EQ(second.asked.size(), 50u) << kind.name;
    const std::set<Genotype> known(first.asked.begin(), first.asked.end());
    for (const Genotype& genotype : second.asked) EXPECT_EQ(known.count(genotype), 0u) << kind.name;
  }
}

TEST(Algorithm, a_state_of_another_algorithm_or_space_is_refused) {
  for (const AlgorithmKind& kind : algorithms()) {
    FunctionProblem problem = knapsack(3, 6, 0), other = knapsack(3, 7, 0);
    const auto algorithm = make_algorithm(kind.name, problem, small_search(1));
    const std::vector<Genotype> batch = algorithm->ask();
    algorithm->tell(batch, problem.evaluate(batch));
    const std::string state = algorithm->save();
    EXPECT_THROW(make_algorithm(kind.name, other, small_search(1))->load(state), Error) << kind.name;
    EXPECT_THROW(make_algorithm(kind.name, problem, small_search(1))->load("algorithm none\n"), Error) << kind.name;
    for (std::size_t cut = 0; cut < state.size(); cut += 97) {
      EXPECT_THROW(make_algorithm(kind.name, problem, small_search(1))->load(state.substr(0, cut)), Error) << kind.name;
    }
    EXPECT_THROW(make_algorithm(kind.name, problem, small_search(1))->load(state + "more\n"), Error) << kind.name;
  }
}

}  // namespace
}  // namespace lanewise::nas
