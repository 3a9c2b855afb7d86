// SPDX-License-Identifier: Apache-2.0
// The default search where every objective is known beforehand.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "nas/algorithms/hypervolume.hpp"
#include "tests/nas/algorithms/test_problems.hpp"

namespace lanewise::nas {
namespace {

// Objectives that are free, a limit that is known, and, where `refuses`, designs that cannot be, which nobody knows
// beforehand, or, where `hides`, a limit that nobody knows beforehand.
class FreeProblem : public FunctionProblem {
 public:
  FreeProblem(std::vector<int> values, bool refuses = false, bool hides = false)
      : FunctionProblem(std::move(values), [=](const Genotype& g) {
          if (refuses && (g[0] + g[1]) % 3 == 2) return Evaluation{{1e308, 1e308}, 1e6};
          Evaluation evaluation = known(g);
          if (hides) evaluation.violation += std::max(0.0, 4.0 - g[2]);
          return evaluation;
        }) {}
  std::vector<bool> free_objectives() const override { return {true, true}; }
  std::vector<Evaluation> known_beforehand(const std::vector<Genotype>& genotypes) const override {
    looked_at += genotypes.size();
    std::vector<Evaluation> out;
    for (const Genotype& genotype : genotypes) out.push_back(known(genotype));
    return out;
  }
  Genotype canonical(const Genotype& genotype) const override {
    Genotype same = genotype;
    if (same[0] == 0) same.back() = 0;
    return same;
  }
  mutable std::size_t looked_at = 0;

 private:
  static Evaluation known(const Genotype& g) {
    double size = 3, loss = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      size += static_cast<double>((i * 7 + 3) % 11 + 1) * g[i];
      loss -= static_cast<double>((i * 5 + 2) % 7 + 1) * std::sqrt(g[i]);
    }
    return {{size, loss}, std::max(0.0, 10 - size) / 10};
  }
};

std::set<std::vector<double>> found(const SearchResult& result) {
  std::set<std::vector<double>> points;
  for (const Individual& individual : result.front) points.insert(individual.evaluation.objectives);
  return points;
}

std::set<std::vector<double>> truth(const FreeProblem& problem) {
  std::vector<Evaluation> all;
  for (const Genotype& genotype : problem.enumerate()) all.push_back(problem.at(problem.canonical(genotype)));
  std::set<std::vector<double>> front;
  for (const std::size_t i : pareto_front(all)) front.insert(all[i].objectives);
  return front;
}

TEST(KnownChoice, finds_the_exact_front_of_a_space_that_can_be_listed_with_as_many_evaluations_as_it_has_points) {
  FreeProblem problem({5, 4, 6, 3, 4, 5});
  const std::set<std::vector<double>> front = truth(problem);
  ASSERT_GT(front.size(), 20u);
  const SearchResult result =
      search_with("surrogate", problem, {}, static_cast<std::int64_t>(front.size()) + 1);  // and the default
  EXPECT_EQ(found(result), front);
}

TEST(KnownChoice, the_best_of_one_objective_is_the_second_question) {
  class One : public FreeProblem {
   public:
    One() : FreeProblem({5, 4, 6, 3}) {}
    std::vector<bool> free_objectives() const override { return {true}; }
    std::vector<Evaluation> known_beforehand(const std::vector<Genotype>& genotypes) const override {
      std::vector<Evaluation> out;
      for (const Genotype& g : genotypes) out.push_back({{at(g).objectives[1]}, 0});
      return out;
    }
    std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) override {
      asked.insert(asked.end(), genotypes.begin(), genotypes.end());
      return known_beforehand(genotypes);
    }
  };
  One problem;
  const SearchResult result = search_with("surrogate", problem, {}, 2);
  ASSERT_EQ(result.front.size(), 1u);
  EXPECT_EQ(result.front.front().genotype, (Genotype{4, 3, 5, 2}));
}

TEST(KnownChoice, designs_that_cannot_be_make_room_for_those_behind_them) {
  FreeProblem problem({5, 4, 6, 3, 4, 5}, true);
  const SearchResult result = search_with("surrogate", problem, {}, 900);
  EXPECT_EQ(found(result), truth(problem));
}

TEST(KnownChoice, a_limit_that_is_not_known_beforehand_is_learnt) {
  FreeProblem problem({5, 4, 6, 3}, false, true);
  const SearchResult result = search_with("surrogate", problem, {}, 150);  // of 290 candidates
  const auto volume = [](const std::set<std::vector<double>>& points) {
    return hypervolume({points.begin(), points.end()}, {100, 0});
  };
  EXPECT_GT(volume(found(result)), 0.995 * volume(truth(problem)));
}

TEST(KnownChoice, in_a_large_space_it_is_no_worse_than_evolution_and_looks_at_few_candidates) {
  double ours = 0, evolution = 0;
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    SearchOptions options;
    options.seed = seed;
    for (const char* name : {"surrogate", "nsga2"}) {
      FreeProblem problem(std::vector<int>(16, 6));
      std::vector<Point> points;
      for (const Individual& i : search_with(name, problem, options, 600).front) {
        points.push_back(i.evaluation.objectives);
      }
      (std::string(name) == "nsga2" ? evolution : ours) += hypervolume(points, {600, 0});
      EXPECT_LE(problem.looked_at, 2u * 600u + 600u) << name;
    }
  }
  EXPECT_GT(ours, evolution);
}

TEST(KnownChoice, from_any_batch_it_goes_on_as_if_it_had_not_ended_and_a_seed_is_asked_once) {
  for (const bool large : {false, true}) {
    const std::vector<int> values = large ? std::vector<int>(12, 5) : std::vector<int>{5, 4, 6, 3, 4};
    const Genotype seed(values.size(), 2);
    FreeProblem whole(values, true), again(values, true);
    SearchOptions options;
    options.population = 17;
    std::vector<std::string> states;
    std::vector<std::size_t> asked;
    SearchHooks hooks;
    hooks.after_batch = [&](const SearchBatch& batch) {
      states.push_back(batch.state());
      asked.push_back(whole.asked.size());
    };
    SearchBudget budget;
    budget.evaluations = 230;
    search(whole, *make_algorithm("surrogate", whole, options, {seed}), budget, {}, hooks);
    search(again, *make_algorithm("surrogate", again, options, {seed}), budget);
    EXPECT_EQ(whole.asked, again.asked);
    EXPECT_EQ(whole.asked[1], seed);
    EXPECT_EQ(std::set<Genotype>(whole.asked.begin(), whole.asked.end()).size(), 230u);
    for (std::size_t i = 0; i + 1 < states.size(); ++i) {
      FreeProblem rest(values, true);
      SearchStart start;
      start.state = states[i];
      search(rest, *make_algorithm("surrogate", rest, options, {seed}), budget, start);
      const auto from = whole.asked.begin() + static_cast<std::ptrdiff_t>(asked[i]);
      EXPECT_EQ(rest.asked, std::vector<Genotype>(from, whole.asked.end())) << large << " after batch " << i;
    }
  }
}

}  // namespace
}  // namespace lanewise::nas
