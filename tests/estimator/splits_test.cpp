// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tests/estimator/toy_world.hpp"

using namespace lanewise;
using namespace lanewise::estimator;

namespace {

using Triple = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

Triple triple(const engine::EngineConfig& e) {
  return {e.array.parallelism_factor, e.array.dot_product_lanes, e.onchip_capacity().count()};
}

double share(const std::vector<bool>& held) {
  return static_cast<double>(std::count(held.begin(), held.end(), true)) / static_cast<double>(held.size());
}

class SplitsTest : public ::testing::Test {
 protected:
  toy::World world_ = toy::make_world(40, 60, 11);
};

TEST_F(SplitsTest, take_about_their_share) {
  EXPECT_NEAR(share(held_out(world_.samples, Split::kRandom)), 0.10, 0.03);
  EXPECT_NEAR(share(held_out(world_.samples, Split::kUnseenShape)), 0.15, 0.05);
  const double engines = share(held_out(world_.samples, Split::kUnseenEngine));
  EXPECT_GT(engines, 0.05);
  EXPECT_LT(engines, 0.40);
}

TEST_F(SplitsTest, no_training_row_shares_a_held_triple) {
  const std::vector<bool> held = held_out(world_.samples, Split::kUnseenEngine);
  std::set<Triple> taught, tested;
  for (std::size_t i = 0; i < held.size(); ++i) (held[i] ? tested : taught).insert(triple(*world_.samples[i].engine));
  ASSERT_FALSE(tested.empty());
  for (const Triple& t : tested) EXPECT_EQ(taught.count(t), 0U);
}

TEST_F(SplitsTest, a_held_shape_is_gone_from_every_engine_and_context) {
  const std::vector<bool> held = held_out(world_.samples, Split::kUnseenShape);
  std::map<std::string, std::set<bool>> sides;
  std::size_t repeated = 0;
  for (std::size_t i = 0; i < held.size(); ++i) {
    repeated += sides.count(mapping::shape_key(world_.samples[i].subgraph.shape));
    sides[mapping::shape_key(world_.samples[i].subgraph.shape)].insert(held[i]);
  }
  ASSERT_GT(repeated, 100U) << "the world must repeat shapes for this to mean something";
  for (const auto& [shape, side] : sides) EXPECT_EQ(side.size(), 1U) << shape;
}

TEST_F(SplitsTest, are_fixed_whatever_other_samples_there_are) {
  const std::vector<Sample> few(world_.samples.begin(), world_.samples.begin() + 300);
  for (const Split split : {Split::kRandom, Split::kUnseenEngine, Split::kUnseenShape}) {
    const std::vector<bool> all = held_out(world_.samples, split);
    EXPECT_EQ(held_out(few, split), std::vector<bool>(all.begin(), all.begin() + 300)) << to_string(split);
  }
}

TEST_F(SplitsTest, the_measurement_does_not_decide) {
  std::vector<Sample> other = world_.samples;
  for (Sample& sample : other) sample.measurement.latency = Cycles(1);
  for (const Split split : {Split::kRandom, Split::kUnseenEngine, Split::kUnseenShape}) {
    EXPECT_EQ(held_out(other, split), held_out(world_.samples, split)) << to_string(split);
  }
}

TEST_F(SplitsTest, engines_outside_the_ranges_test_extrapolation_and_nothing_else) {
  const engine::EngineConfig* outside = world_.samples[0].engine;
  for (Sample& sample : world_.samples) sample.outside_ranges = sample.engine == outside;
  const std::vector<bool> engines = held_out(world_.samples, Split::kUnseenEngine);
  for (std::size_t i = 0; i < engines.size(); ++i) {
    if (triple(*world_.samples[i].engine) == triple(*outside)) {
      EXPECT_TRUE(engines[i]);
    }
  }
  for (const Split split : {Split::kRandom, Split::kUnseenShape}) {
    const std::vector<bool> held = held_out(world_.samples, split);
    for (std::size_t i = 0; i < held.size(); ++i) EXPECT_FALSE(held[i] && world_.samples[i].outside_ranges);
  }
  const std::map<std::string, SplitReport> reports = evaluate_splits(world_.samples, toy::quick_options());
  EXPECT_EQ(reports.at("unseen_engine").outside_ranges.rows, 60);
  EXPECT_EQ(reports.at("random").outside_ranges.rows, 0);
  EXPECT_EQ(reports.at("random").training_engines, 39);
  EXPECT_EQ(reports.at("random").training_rows + reports.at("random").latency.rows, 39 * 60);
}

TEST(Splits, are_named_as_the_answers_name_them) {
  EXPECT_STREQ(to_string(Split::kRandom), "random");
  EXPECT_STREQ(to_string(Split::kUnseenEngine), "unseen_engine");
  EXPECT_STREQ(to_string(Split::kUnseenShape), "unseen_shape");
}

TEST_F(SplitsTest, the_regressor_beats_the_roofline_on_a_known_law) {
  const std::map<std::string, SplitReport> reports = evaluate_splits(world_.samples, toy::quick_options());
  ASSERT_EQ(reports.size(), 3U);
  for (const auto& [name, report] : reports) {
    EXPECT_GT(report.latency.rows, 0) << name;
    EXPECT_EQ(report.latency.rows, report.bound.rows) << name;
    EXPECT_EQ(report.by_family.at("convolution").rows, report.latency.rows) << name;
    EXPECT_LT(report.latency.mape_percent, 0.5 * report.bound.mape_percent) << name;
    EXPECT_LT(report.latency.mape_percent, report.analytical_model.mape_percent) << name;
    EXPECT_GT(report.latency.within_10_percent, 80) << name;
    EXPECT_GT(report.latency.spearman, 0.98) << name;
    EXPECT_GT(report.weighted.within_10_percent, 75) << name;
    EXPECT_GT(report.energy.within_10_percent, 80) << name;
    EXPECT_GT(report.dram_bytes.within_10_percent, 80) << name;
    EXPECT_GT(report.training_engines, 20) << name;
  }
}

}  // namespace
