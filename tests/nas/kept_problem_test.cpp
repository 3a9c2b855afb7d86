// SPDX-License-Identifier: Apache-2.0
// A space with fewer values is searched as a part of the whole one, and many seeds side by side as each alone.
#include "nas/kept_problem.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "core/base/error.hpp"
#include "nas/search.hpp"
#include "nas/search_trials.hpp"

namespace lanewise::nas {
namespace {

// The second gene does not matter unless the first is "on".
class Toy : public Problem {
 public:
  const std::vector<Gene>& genes() const override { return genes_; }
  Genotype canonical(const Genotype& genotype) const override {
    return genotype[0] == 1 ? genotype : Genotype{genotype[0], 0, genotype[2]};
  }
  std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) override {
    std::vector<Evaluation> out;
    for (const Genotype& g : genotypes) {
      asked.push_back(g);
      out.push_back({{10.0 - g[0] - 2 * g[1] + 3 * g[2]}, g[2] == 0 ? 1.0 : 0.0});
    }
    return out;
  }
  std::vector<Genotype> asked;

 private:
  std::vector<Gene> genes_ = {
      {"switch", {"off", "on"}}, {"size", {"16", "8", "32", "24"}}, {"rest", {"a", "b", "c", "d", "e"}}};
};

TEST(KeptProblem, has_the_kept_values_with_its_default_first) {
  Toy toy;
  const KeptProblem kept(toy, {{0, 1}, {1, 2}, {1, 3, 4}}, {0, 2, 3});
  EXPECT_EQ(kept.genes()[1].values, (std::vector<std::string>{"32", "8"}));
  EXPECT_EQ(kept.genes()[2].values, (std::vector<std::string>{"d", "b", "e"}));
  EXPECT_EQ(kept.whole({1, 1, 2}), (Genotype{1, 1, 4}));
}

TEST(KeptProblem, genes_that_do_not_matter_take_the_default_that_is_left) {
  Toy toy;
  const KeptProblem kept(toy, {{0, 1}, {1, 2}, {1, 3, 4}}, {0, 2, 3});
  EXPECT_EQ(kept.canonical({0, 1, 2}), (Genotype{0, 0, 2}));
  EXPECT_EQ(kept.canonical({1, 1, 2}), (Genotype{1, 1, 2}));
  for (const Genotype& g : {Genotype{0, 1, 1}, Genotype{0, 0, 0}, Genotype{1, 0, 1}}) {
    EXPECT_EQ(kept.canonical(kept.canonical(g)), kept.canonical(g));
  }
}

TEST(KeptProblem, refuses_what_does_not_fit) {
  Toy toy;
  EXPECT_THROW(KeptProblem(toy, {{0}, {1}}, {0, 1}), InternalError);
  EXPECT_THROW(KeptProblem(toy, {{0}, {}, {0}}, {0, 0, 0}), InternalError);
  EXPECT_THROW(KeptProblem(toy, {{0}, {4}, {0}}, {0, 4, 0}), InternalError);
  EXPECT_THROW(KeptProblem(toy, {{0}, {1, 2}, {0}}, {0, 0, 0}), InternalError);
}

TEST(Neighbourhood, steps_go_to_the_next_kept_number_and_to_any_word) {
  const Toy toy;
  const Neighbourhood near(toy.genes(), {{0, 1}, {0, 1, 2}, {0, 2, 4}});
  EXPECT_TRUE(near.is_ordered(1));
  EXPECT_FALSE(near.is_ordered(2));
  EXPECT_EQ(near.order(1), (std::vector<int>{1, 0, 2}));
  EXPECT_EQ(near.steps(1, 0), (std::vector<int>{1, 2}));
  EXPECT_EQ(near.steps(1, 2), (std::vector<int>{0}));
  EXPECT_EQ(near.steps(2, 2), (std::vector<int>{0, 4}));
  EXPECT_EQ(near.steps(Genotype{0, 1, 0}).size(), 1u + 1u + 2u);
}

TEST(SearchTrials, each_seed_gets_what_it_would_get_alone_on_any_number_of_threads) {
  for (const std::string algorithm : {"random", "regularised_evolution", "surrogate"}) {
    TrialOptions options;
    options.algorithm = algorithm;
    options.seeds = 4;
    options.samples = 12;
    Toy toy;
    const std::vector<Trial> one = search_trials(toy, options);
    options.threads = 3;
    const std::vector<Trial> three = search_trials(toy, options);
    ASSERT_EQ(one.size(), 4u);
    for (std::size_t i = 0; i < one.size(); ++i) {
      EXPECT_EQ(one[i].best, three[i].best) << algorithm;
      ASSERT_EQ(one[i].best.size(), 12u) << algorithm;
      Toy alone;
      SearchOptions own;
      own.seed = i + 1;
      SearchBudget budget;
      budget.evaluations = 12;
      search(alone, *make_algorithm(algorithm, alone, own), budget);
      double best = std::numeric_limits<double>::infinity();
      for (std::size_t k = 0; k < alone.asked.size(); ++k) {
        const Evaluation answer = Toy().evaluate({alone.asked[k]}).front();
        if (answer.violation == 0) best = std::min(best, answer.objectives.front());
        EXPECT_EQ(one[i].best[k], best) << algorithm << " " << k;
      }
    }
  }
}

TEST(SearchTrials, an_exhausted_space_ends_a_search) {
  Toy toy;
  KeptProblem kept(toy, {{0, 1}, {1, 2}, {1, 3}}, {0, 2, 3});
  TrialOptions options;
  options.algorithm = "random";
  options.seeds = 2;
  options.samples = 100;
  for (const Trial& trial : search_trials(kept, options)) EXPECT_EQ(trial.best.size(), 2u + 4u);
}

}  // namespace
}  // namespace lanewise::nas
