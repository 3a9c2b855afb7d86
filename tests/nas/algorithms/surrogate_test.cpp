// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "nas/algorithms/candidate_inputs.hpp"
#include "nas/algorithms/gaussian_process.hpp"
#include "nas/algorithms/hypervolume.hpp"
#include "nas/algorithms/outcome_scale.hpp"
#include "tests/nas/algorithms/test_problems.hpp"

namespace lanewise::nas {
namespace {

TEST(Positions, are_those_of_numbers_with_units_and_none_of_names) {
  EXPECT_EQ(positions_of({"10", "20", "15"}), (std::vector<double>{0, 1, 0.5}));
  const std::vector<double> sizes = positions_of({"4 KiB", "16 KiB", "64 KiB"});
  ASSERT_EQ(sizes.size(), 3u);
  EXPECT_NEAR(sizes[1], 0.5, 1e-12);  // by logarithm
  EXPECT_EQ(positions_of({"1 MiB", "512 KiB"}), (std::vector<double>{1, 0}));
  EXPECT_TRUE(positions_of({"ibn", "fused_ibn"}).empty());
  EXPECT_TRUE(positions_of({"1", "1.0"}).empty());
  EXPECT_TRUE(positions_of({"1"}).empty());
}

// Two genes and a number; what is measured is a sum.
TEST(GaussianProcess, fits_a_sum_and_knows_where_it_has_not_looked) {
  GaussianProcess process({4, 4}, Positions(2), 1);
  Inputs seen, pool;
  seen.genes = pool.genes = 2;
  seen.numbers = pool.numbers = 1;
  std::vector<double> targets;
  const auto truth = [](int a, int b, double x) { return 0.5 * a - 0.3 * b * b / 3 + 0.2 * x; };
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b) {
      const int code[] = {a, b};
      const double value = 0.7 * a - 1;
      if ((a + b) % 2 == 0) {
        seen.add(code, &value);
        targets.push_back(truth(a, b, value) - 0.3);
      } else {
        pool.add(code, &value);
      }
    }
  }
  const double before = process.fit(seen, targets, 1);
  EXPECT_GT(process.fit(seen, targets, 60), before);
  process.condition(seen, targets);
  Posterior posterior;
  posterior.add(process, pool);
  for (std::size_t i = 0; i < pool.size(); ++i) {
    const double expected = truth(pool.code(i)[0], pool.code(i)[1], pool.value(i)[0]) - 0.3;
    EXPECT_NEAR(posterior.mean(i), expected, 0.25) << i;
    EXPECT_GT(posterior.variance(i), 0);
  }
  // A row more at a time gives what conditioning on all of them gives.
  GaussianProcess grown({4, 4}, Positions(2), 1);
  grown.set_parameters(process.parameters());
  Inputs few;
  few.genes = 2;
  few.numbers = 1;
  few.add(seen.code(0), seen.value(0));
  grown.condition(few, {targets[0]});
  Posterior updated;
  updated.add(grown, pool);
  for (std::size_t i = 1; i < seen.size(); ++i) grown.append(seen.code(i), seen.value(i), targets[i]);
  updated.update_all(grown, pool);
  for (std::size_t i = 0; i < pool.size(); ++i) {
    EXPECT_NEAR(updated.mean(i), posterior.mean(i), 1e-8);
    EXPECT_NEAR(updated.variance(i), posterior.variance(i), 1e-8);
  }
}

TEST(OutcomeScale, a_fall_is_the_mean_of_draws_and_continuous_in_its_tail) {
  const std::vector<double> values = {1.2, 1.5, 2, 4, 30};
  for (const OutcomeScale& scale : OutcomeScale::choices(values)) {
    for (const double value : values) EXPECT_NEAR(scale.from_scale(scale.to_scale(value)), value, 1e-9);
    Random random(3);
    double sum = 0;
    for (int i = 0; i < 100000; ++i) sum += std::max(0.0, 2 - scale.from_scale(0.1 + 0.8 * random.normal()));
    const double expected = scale.expected_fall(2, 0.1, 0.8);
    EXPECT_NEAR(sum / 100000, expected, 0.02 * expected);
    double last = 0;
    for (double level = 0.5; level < 3; level += 0.01) {
      const double fall = scale.expected_fall(level, 0, 0.1);
      EXPECT_GE(fall, last * (1 - 1e-9)) << level;
      last = fall;
    }
  }
}

// Costs that multiply, with a tail of three decades, in a space far too large to list; a limit that is known beforehand
// and one that is not.
class Large : public FunctionProblem {
 public:
  Large() : FunctionProblem(std::vector<int>(14, 8), evaluation) {}
  std::vector<bool> free_objectives() const override { return {false, false}; }
  std::vector<Evaluation> known_beforehand(const std::vector<Genotype>& genotypes) const override {
    std::vector<Evaluation> known;
    for (const Genotype& g : genotypes) known.push_back({{std::nan(""), std::nan("")}, size(g)});
    return known;
  }

 private:
  static double size(const Genotype& g) {
    double sum = 0;
    for (const int value : g) sum += value;
    return std::max(0.0, sum / 70 - 1);
  }
  static Evaluation evaluation(const Genotype& g) {
    double slow = 0, error = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      slow += 0.05 * static_cast<double>(i) * std::abs(g[i] - 3 - static_cast<int>(i % 3));
      error += std::abs(g[i] - 5 + static_cast<int>(i % 2)) + (g[i] == g[(i + 1) % g.size()] ? 0.5 : 0);
    }
    return {{std::exp(0.6 * slow), error}, size(g) + std::max(0.0, slow / 14 - 1)};
  }
};

TEST(Surrogate, beats_evolution_and_chance_in_a_large_space_under_limits) {
  std::vector<double> volumes;
  for (const char* name : {"surrogate", "nsga2", "random"}) {
    Large problem;
    SearchOptions options;
    options.seed = 3;
    options.population = 20;
    const SearchResult result = search_with(name, problem, options, 140);
    std::vector<Point> points;
    for (const Individual& individual : result.front) points.push_back(individual.evaluation.objectives);
    volumes.push_back(hypervolume(points, {1000, 60}));
  }
  EXPECT_GT(volumes[0], 1.1 * volumes[1]);
  EXPECT_GT(volumes[0], 1.3 * volumes[2]);
}

TEST(Surrogate, a_batch_has_no_two_of_a_kind_and_is_nearly_as_good_as_one_by_one) {
  std::vector<double> volumes;
  for (const int batch : {1, 10}) {
    FunctionProblem problem({6, 6, 6, 6}, [](const Genotype& g) {
      const double size = 1.0 + g[0] * (1 + g[1]) + g[2] + g[3];
      return Evaluation{{size, 20 / std::sqrt(size) + std::abs(g[2] - g[3]) + (g[1] > 3 ? 0.5 : 0)}, 0};
    });
    SearchOptions options;
    options.batch = batch;
    const SearchResult result = search_with("surrogate", problem, options, 90);
    std::vector<Point> points;
    for (const Individual& individual : result.front) points.push_back(individual.evaluation.objectives);
    volumes.push_back(hypervolume(points, {50, 30}));
  }
  EXPECT_GT(volumes[1], 0.98 * volumes[0]);
}

}  // namespace
}  // namespace lanewise::nas
