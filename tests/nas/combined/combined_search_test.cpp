// SPDX-License-Identifier: Apache-2.0
#include "nas/combined/combined_search.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/base/error.hpp"
#include "nas/scores/topology_features.hpp"

namespace lanewise::nas {
namespace {

// Five genes of four values: 1,024 networks. What one is worth is known, the score sees most of it.
class MadeUp : public CombinedProblem {
 public:
  explicit MadeUp(double limit, bool two_objectives = false) : limit_(limit), two_(two_objectives) {
    for (int gene = 0; gene < 5; ++gene) genes_.push_back({"g" + std::to_string(gene), {"0", "1", "2", "3"}});
  }
  static double worth(const Genotype& g) {
    double sum = 0;
    for (std::size_t i = 0; i < g.size(); ++i) sum += std::sqrt(g[i]) * (1 + 0.3 * static_cast<double>(i));
    return sum + 0.4 * std::sin(3.0 * g[0] + 5.0 * g[3]);
  }
  static double latency(const Genotype& g) {
    double sum = 1;
    for (std::size_t i = 0; i < g.size(); ++i) sum += g[i] * (2 - 0.3 * static_cast<double>(i));
    return sum;
  }
  double best() const {
    double best = -1e9;
    for (int code = 0; code < 1024; ++code) {
      const Genotype g = {code % 4, code / 4 % 4, code / 16 % 4, code / 64 % 4, code / 256};
      if (latency(g) <= limit_) best = std::max(best, worth(g));
    }
    return best;
  }

  const std::vector<Gene>& genes() const override { return genes_; }
  std::vector<Evaluation> costs(const std::vector<Genotype>& genotypes) override {
    std::vector<Evaluation> out;
    for (const Genotype& g : genotypes) {
      Evaluation evaluation;
      if (two_) evaluation.objectives.push_back(latency(g));
      evaluation.violation = std::max(0.0, latency(g) / limit_ - 1);
      out.push_back(evaluation);
    }
    return out;
  }
  std::vector<UntrainedFacts> facts(const std::vector<Genotype>& genotypes) override {
    std::vector<UntrainedFacts> out;
    for (const Genotype& g : genotypes) {
      UntrainedFacts facts;
      double sum = 0;
      for (const int value : g) {
        facts.encoding += std::to_string(value);
        facts.features.push_back(value);
        sum += std::sqrt(value);
      }
      // The predictor reads a value for each topology feature.
      facts.features.resize(topology_features().size(), 0.0);
      facts.scores = {sum};
      out.push_back(std::move(facts));
    }
    return out;
  }
  std::vector<std::string> score_names() const override { return {"sum"}; }
  std::vector<Confirmed> train(const std::vector<Genotype>& genotypes) override {
    std::vector<Confirmed> out;
    for (const Genotype& g : genotypes) {
      EXPECT_LE(latency(g), limit_) << "trained what misses the limit";
      EXPECT_EQ(trained[g]++, 0) << "trained twice";
      out.push_back(Confirmed{worth(g), ""});
    }
    return out;
  }
  std::map<Genotype, int> trained;

 private:
  std::vector<Gene> genes_;
  double limit_;
  bool two_;
};

CombinedOptions options_of(std::int64_t trainings, std::size_t pool = 2000) {
  CombinedOptions options;
  options.trainings = trainings;
  options.pool = pool;
  options.keep = 150;
  return options;
}

double best_of_result(const CombinedResult& result) {
  double best = -1e9;
  for (const ConfirmedNetwork& network : result.confirmed) best = std::max(best, network.confirmed.value);
  return best;
}

TEST(CombinedSearch, finds_the_best_network_of_an_exhaustive_table_with_few_trainings) {
  for (const double limit : {100.0, 12.0, 6.0}) {
    MadeUp problem(limit);
    const CombinedResult result = combined_search(problem, options_of(24));
    EXPECT_GE(best_of_result(result), problem.best() - 0.1) << "limit " << limit;
    EXPECT_LE(problem.trained.size(), 24u);
  }
}

TEST(CombinedSearch, accounts_for_every_network_and_every_training) {
  MadeUp problem(12);
  const CombinedResult result = combined_search(problem, options_of(15));
  ASSERT_EQ(result.stages.size(), kCombinedStages);
  EXPECT_EQ(result.confirmed.size(), 15u);
  EXPECT_EQ(result.stages.back().in, 15);
  EXPECT_EQ(result.stages.back().out, 15);
  EXPECT_EQ(result.stages[0].in, 1024) << "a space that fits into the pool is looked at whole";
  std::int64_t trained = 0, within = 0;
  for (const CombinedRound& round : result.rounds) trained += round.trained;
  for (int code = 0; code < 1024; ++code) {
    within += MadeUp::latency({code % 4, code / 4 % 4, code / 16 % 4, code / 64 % 4, code / 256}) <= 12 ? 1 : 0;
  }
  EXPECT_EQ(trained, 15);
  EXPECT_EQ(result.stages[0].out, within);
  EXPECT_EQ(result.stages[1].in, within);
}

TEST(CombinedSearch, asks_the_same_again_and_a_longer_search_begins_with_the_shorter_one) {
  for (const bool two : {false, true}) {
    MadeUp first(20, two), again(20, two), longer(20, two);
    const CombinedResult a = combined_search(first, options_of(9, 300)), b = combined_search(again, options_of(9, 300));
    const CombinedResult c = combined_search(longer, options_of(13, 300));
    ASSERT_EQ(a.confirmed.size(), 9u);
    ASSERT_EQ(c.confirmed.size(), 13u);
    for (std::size_t i = 0; i < a.confirmed.size(); ++i) {
      EXPECT_EQ(a.confirmed[i].genotype, b.confirmed[i].genotype);
      EXPECT_EQ(a.confirmed[i].genotype, c.confirmed[i].genotype);
    }
  }
}

TEST(CombinedSearch, what_is_known_is_learnt_from_and_not_trained_again) {
  MadeUp problem(100);
  const Genotype known = {3, 3, 3, 3, 3};
  const CombinedResult result = combined_search(problem, options_of(8), {{known, {MadeUp::worth(known), ""}}});
  EXPECT_EQ(problem.trained.count(known), 0u);
  ASSERT_EQ(result.confirmed.size(), 9u);
  EXPECT_EQ(result.confirmed.front().round, 0);
}

TEST(CombinedSearch, refuses_options_out_of_range) {
  MadeUp problem(100);
  CombinedOptions options = options_of(4);
  options.at_once = 0;
  EXPECT_THROW(combined_search(problem, options), Error);
}

}  // namespace
}  // namespace lanewise::nas
