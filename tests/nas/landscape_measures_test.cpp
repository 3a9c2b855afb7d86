// SPDX-License-Identifier: Apache-2.0
// Measures of ruggedness against sequences and grids of which theory says what they must be.
#include "nas/landscape_measures.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/base/random.hpp"

namespace lanewise::nas {
namespace {

// x' = rho x + noise has the autocorrelation rho^lag, and so the length -1 / ln rho.
std::vector<std::vector<double>> autoregressive_walks(double rho, std::size_t walks, std::size_t steps) {
  Random random(7);
  std::vector<std::vector<double>> out;
  for (std::size_t w = 0; w < walks; ++w) {
    out.emplace_back();
    double x = random.normal();
    for (std::size_t i = 0; i < steps; ++i) {
      out.back().push_back(100 + x);
      x = rho * x + std::sqrt(1 - rho * rho) * random.normal();
    }
  }
  return out;
}

TEST(Autocorrelation, an_autoregressive_walk_has_the_length_of_its_coefficient) {
  for (const double rho : {0.5, 0.9}) {
    const Autocorrelation found = autocorrelation(autoregressive_walks(rho, 50, 2000), 30);
    EXPECT_NEAR(found.by_lag[0], 1, 1e-12);
    for (std::size_t lag = 1; lag <= 5; ++lag) {
      EXPECT_NEAR(found.by_lag[lag], std::pow(rho, static_cast<double>(lag)), 0.02) << rho << " " << lag;
    }
    EXPECT_NEAR(found.length, -1 / std::log(rho), 0.06 * -1 / std::log(rho));
    EXPECT_EQ(found.first_below, static_cast<std::int64_t>(std::ceil(-1 / std::log(rho))));
  }
}

// On an NK landscape a step changes the share (K + 1) / N of the terms, so that rho(1) = 1 - (K + 1) / N (Weinberger).
TEST(Autocorrelation, an_nk_landscape_has_the_correlation_of_its_interactions) {
  constexpr std::size_t kBits = 16;
  for (const std::size_t interactions : {0u, 3u}) {
    std::vector<std::vector<double>> walks;
    Random random(3);
    for (int w = 0; w < 60; ++w) {
      std::vector<std::vector<double>> terms(kBits, std::vector<double>(std::size_t{1} << (interactions + 1)));
      for (auto& term : terms) {
        for (double& value : term) value = random.unit();
      }
      // Each landscape has a mean of its own, which is no part of the theory.
      double mean = 0;
      for (const auto& term : terms) {
        for (const double value : term) mean += value / static_cast<double>(term.size());
      }
      std::vector<bool> at;
      for (std::size_t i = 0; i < kBits; ++i) at.push_back(random.chance(0.5));
      walks.emplace_back();
      for (int step = 0; step < 400; ++step) {
        double cost = -mean;
        for (std::size_t i = 0; i < kBits; ++i) {
          std::size_t key = 0;
          for (std::size_t k = 0; k <= interactions; ++k) key = 2 * key + (at[(i + k) % kBits] ? 1 : 0);
          cost += terms[i][key];
        }
        walks.back().push_back(cost);
        const std::size_t bit = random.below(kBits);
        at[bit] = !at[bit];
      }
    }
    // About the landscape's own mean the others of a term's values lie, on average, on the other side of it.
    const double values = std::pow(2, static_cast<double>(interactions + 1));
    const double changed = static_cast<double>(interactions + 1) / static_cast<double>(kBits);
    const double expected = 1 - changed * values / (values - 1);
    EXPECT_NEAR(autocorrelation(walks, 10).by_lag[1], expected, 0.02) << interactions;
  }
}

TEST(Autocorrelation, nothing_is_said_where_no_cost_differs_and_nothing_is_remembered_by_noise) {
  EXPECT_TRUE(autocorrelation({}, 5).by_lag.empty());
  EXPECT_TRUE(autocorrelation({{2, 2, 2}}, 5).by_lag.empty());
  const Autocorrelation alternating = autocorrelation({{1, -1, 1, -1, 1, -1}}, 3);
  EXPECT_NEAR(alternating.by_lag[1], -1, 1e-12);
  EXPECT_EQ(alternating.length, 0);
  EXPECT_EQ(alternating.first_below, 1);
}

TEST(Steps, a_step_goes_towards_fewer_flops_whatever_the_order) {
  StepCounts counts;
  EXPECT_EQ(count_step(10, 5, 8, 4, counts), 0);
  EXPECT_NEAR(count_step(10, 4, 8, 5, counts), 0.25, 1e-12);
  EXPECT_NEAR(count_step(8, 5, 10, 4, counts), 0.25, 1e-12);
  EXPECT_NEAR(count_step(10, 4, 9, 4.001, counts), 0.00025, 1e-12);
  EXPECT_EQ(count_step(10, 4, 9, 4, counts), 0);
  EXPECT_EQ(count_step(7, 4, 7, 5, counts), 0);
  EXPECT_EQ(counts.steps, 5);
  EXPECT_EQ(counts.rising, 3);
  EXPECT_EQ(counts.steep, 2);
  EXPECT_EQ(counts.level, 1);
  EXPECT_NEAR(counts.share(), 0.6, 1e-12);
  EXPECT_NEAR(counts.worst, 0.25, 1e-12);
  EXPECT_EQ(StepCounts{}.share(), 0);
}

TEST(Minima, of_a_grid_are_those_without_a_cheaper_neighbour) {
  const std::vector<double> costs = {1, 2, 3,  //
                                     2, 5, 1,  //
                                     3, 0, 4};
  EXPECT_EQ(local_minima(costs, grid_neighbours(3, 3)), (std::vector<std::size_t>{0, 5, 7}));
}

TEST(Minima, a_plateau_counts_once_and_only_where_no_way_leads_down) {
  EXPECT_EQ(local_minima({1, 1, 1, 1}, grid_neighbours(2, 2)), (std::vector<std::size_t>{0}));
  EXPECT_EQ(local_minima({2, 2, 2, 1}, grid_neighbours(4, 1)), (std::vector<std::size_t>{3}));
  EXPECT_EQ(local_minima({1, 1, 3, 2, 2}, grid_neighbours(5, 1)), (std::vector<std::size_t>{0, 3}));
}

TEST(Minima, points_that_cannot_be_are_none) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(local_minima({3, none, 4}, grid_neighbours(3, 1)), (std::vector<std::size_t>{0, 2}));
}

TEST(Spreads, are_quantiles_by_straight_line) {
  const Spread spread = spread_of({4, 1, 3, 2, 5});
  EXPECT_EQ(spread.least, 1);
  EXPECT_EQ(spread.median, 3);
  EXPECT_NEAR(spread.tenth, 1.4, 1e-12);
  EXPECT_NEAR(spread.ninetieth, 4.6, 1e-12);
  EXPECT_NEAR(spread.mean, 3, 1e-12);
  EXPECT_NEAR(spread.deviation, std::sqrt(2.5), 1e-12);
  EXPECT_NEAR(spread.relative(), 3.2 / 3, 1e-12);
  EXPECT_EQ(spread_of({}).median, 0);
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(quantile_of({1, infinite, infinite}, 0.5), infinite);
  EXPECT_EQ(quantile_of({1, 2, infinite}, 0.5), 2);
}

TEST(Samples, are_those_until_the_best_is_good_enough) {
  EXPECT_EQ(samples_to({9, 7, 7, 5}, 7), 2);
  EXPECT_EQ(samples_to({9, 7, 7, 5}, 5.5), 4);
  EXPECT_EQ(samples_to({9, 7}, 5), 0);
  EXPECT_EQ(samples_to({}, 5), 0);
}

}  // namespace
}  // namespace lanewise::nas
