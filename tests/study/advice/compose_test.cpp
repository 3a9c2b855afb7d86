// SPDX-License-Identifier: Apache-2.0
#include "study/advice/compose.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

// Genes with random effects on latency and parameters that also act on each other: the first scales what the second
// half does, and neighbours change each other's latency.
class Synthetic {
 public:
  Synthetic(unsigned seed, std::size_t genes, std::size_t values) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> unit(-1, 1);
    for (std::size_t g = 0; g < genes; ++g) {
      problem.genes.push_back({fmt::format("gene{}", g), {}});
      std::vector<double> latency, parameters;
      for (std::size_t v = 0; v < values; ++v) {
        problem.genes.back().values.push_back(fmt::format("{}", v));
        latency.push_back(v == 0 ? 0 : unit(random));
        parameters.push_back(v == 0 ? 0 : unit(random));
      }
      latency_.push_back(latency);
      parameters_.push_back(parameters);
    }
    problem.canonical = [](const nas::Genotype& genotype) { return genotype; };
    problem.price = [this](const std::vector<nas::Genotype>& all) {
      std::vector<nas::PricedDesign> out;
      for (const nas::Genotype& genotype : all) out.push_back(price(genotype));
      return out;
    };
    problem.may = [](std::size_t, int) { return true; };
    problem.start.assign(genes, 0);
    problem.limits = {nas::parse_limit("parameters>=0.9*baseline")};
    problem.baseline = price(problem.start).metrics;
  }

  nas::PricedDesign price(const nas::Genotype& genotype) const {
    double latency = 20, parameters = 20;
    for (std::size_t g = 0; g < genotype.size(); ++g) {
      const auto value = static_cast<std::size_t>(genotype[g]);
      const double scale = 2 * g >= genotype.size() && genotype[0] != 0 ? 1.5 : 1;
      latency += scale * latency_[g][value];
      parameters += 2 * parameters_[g][value];
      if (g > 0 && genotype[g] != 0 && genotype[g] == genotype[g - 1]) latency -= 0.4;
    }
    nas::PricedDesign out;
    out.metrics[nas::Metric::kLatency] = latency;
    out.metrics[nas::Metric::kParameters] = parameters;
    return out;
  }

  // The least latency within the limit, worth of changes counted as the search does.
  double exhaustive(double worth) const {
    nas::Genotype genotype = problem.start;
    double best = 1e9;
    const auto values = static_cast<int>(problem.genes.front().values.size());
    while (true) {
      const nas::PricedDesign priced = price(genotype);
      int changes = 0;
      for (const int value : genotype) changes += value != 0 ? 1 : 0;
      if (nas::total_violation(problem.limits, priced.metrics, problem.baseline) <= 0) {
        best = std::min(best, priced.metrics[nas::Metric::kLatency] / 20 + worth * changes);
      }
      std::size_t g = 0;
      while (g < genotype.size() && ++genotype[g] == values) genotype[g++] = 0;
      if (g == genotype.size()) return best;
    }
  }

  ComposeProblem problem;

 private:
  std::vector<std::vector<double>> latency_, parameters_;
};

TEST(Compose, finds_nearly_all_that_an_exhaustive_search_finds) {
  double reached = 0, possible = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    Synthetic synthetic(seed, 8, 3);
    const Composition found = compose(synthetic.problem);
    const ComposedDesign& best = found.best.front();
    EXPECT_EQ(best.violation, 0);
    const double score = best.priced.metrics[nas::Metric::kLatency] / 20 + ComposeOptions().worth * best.changes;
    const double least = synthetic.exhaustive(ComposeOptions().worth);
    EXPECT_GE(score, least - 1e-12);
    reached += 1 - score;
    possible += 1 - least;
  }
  EXPECT_GE(reached / possible, 0.97);
}

TEST(Compose, takes_pairs_that_pay_together_alone_of_which_each_breaks_a_limit_or_costs) {
  Synthetic synthetic(1, 2, 2);
  // The first saves latency and parameters beyond the limit, the second gives parameters back and costs some latency.
  synthetic.problem.price = [](const std::vector<nas::Genotype>& all) {
    std::vector<nas::PricedDesign> out(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      out[i].metrics[nas::Metric::kLatency] = 10 - 4.0 * all[i][0] + 1.0 * all[i][1];
      out[i].metrics[nas::Metric::kParameters] = 100 - 40.0 * all[i][0] + 35.0 * all[i][1];
    }
    return out;
  };
  synthetic.problem.baseline[nas::Metric::kParameters] = 100;
  EXPECT_EQ(compose(synthetic.problem).best.front().genotype, (nas::Genotype{1, 1}));
}

TEST(Compose, changes_nothing_that_it_may_not_and_is_the_same_every_time) {
  Synthetic synthetic(3, 8, 3);
  synthetic.problem.start[2] = 1;
  synthetic.problem.may = [](std::size_t gene, int value) { return gene != 2 && !(gene == 4 && value == 2); };
  const Composition first = compose(synthetic.problem), second = compose(synthetic.problem);
  ASSERT_EQ(first.best.size(), second.best.size());
  for (std::size_t i = 0; i < first.best.size(); ++i) {
    EXPECT_EQ(first.best[i].genotype, second.best[i].genotype);
    EXPECT_EQ(first.best[i].genotype[2], 1);
    EXPECT_NE(first.best[i].genotype[4], 2);
  }
}

TEST(Compose, names_the_least_miss_where_no_design_keeps_the_limits) {
  Synthetic synthetic(5, 4, 2);
  synthetic.problem.limits = {nas::parse_limit("latency_ms<=0.001")};
  const Composition found = compose(synthetic.problem);
  EXPECT_GT(found.best.front().violation, 0);
  for (const ComposedDesign& design : found.best) EXPECT_GE(design.violation, found.best.front().violation);
}

TEST(Compose, refuses_a_start_that_cannot_be) {
  Synthetic synthetic(1, 2, 2);
  synthetic.problem.price = [](const std::vector<nas::Genotype>& all) {
    std::vector<nas::PricedDesign> out(all.size());
    for (nas::PricedDesign& design : out) design.failure = "no such engine";
    return out;
  };
  EXPECT_THROW(compose(synthetic.problem), Error);
}

}  // namespace
}  // namespace lanewise::study
