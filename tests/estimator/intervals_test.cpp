// SPDX-License-Identifier: Apache-2.0
// Intervals: their quantiles by closed form, their coverage on engines that nothing was learned from.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/base/error.hpp"
#include "estimator/intervals.hpp"
#include "tests/estimator/toy_world.hpp"

using namespace lanewise;
using namespace lanewise::estimator;

namespace {

TEST(ScoreQuantiles, are_those_of_the_scores) {
  std::vector<double> scores;
  for (int i = 1; i <= 1000; ++i) scores.push_back(i);
  std::reverse(scores.begin(), scores.end());
  const ScoreQuantiles quantiles = ScoreQuantiles::of(scores, std::vector<double>(1000, 1.0), 1e9);
  for (const std::size_t step : {1U, 10U, 500U, 950U, 1000U}) {
    EXPECT_DOUBLE_EQ(quantiles.values[step], static_cast<double>(step));
  }
}

TEST(ScoreQuantiles, count_every_engine_alike) {
  // One engine with a thousand scores of 1, nine with one of 2 each.
  std::vector<double> scores(1000, 1.0), weights(1000, 1.0 / 1000);
  scores.insert(scores.end(), 9, 2.0);
  weights.insert(weights.end(), 9, 1.0);
  const ScoreQuantiles quantiles = ScoreQuantiles::of(scores, weights, 10);
  EXPECT_DOUBLE_EQ(quantiles.values[99], 1.0);
  EXPECT_DOUBLE_EQ(quantiles.values[101], 2.0);
}

TEST(ScoreQuantiles, hold_more_where_fewer_engines_stand_behind_them) {
  std::vector<double> scores;
  for (int i = -500; i <= 500; ++i) scores.push_back(i);
  const std::vector<double> weights(scores.size(), 1.0);
  const auto [low, high] = ScoreQuantiles::of(scores, weights, 1e9).at(0.9);
  EXPECT_NEAR(low, -450, 1.5);
  EXPECT_NEAR(high, 450, 1.5);
  // 0.9 x (1 + 1 / 18) = 0.95
  EXPECT_NEAR(ScoreQuantiles::of(scores, weights, 18).at(0.9).second, 475, 1.5);
  EXPECT_EQ(ScoreQuantiles::of(scores, weights, 4).at(0.9).second, 500) << "no quantile is beyond the largest";
}

TEST(ScoreQuantiles, never_leave_out_the_prediction) {
  const ScoreQuantiles quantiles = ScoreQuantiles::of({2, 3, 4}, {1, 1, 1}, 3);
  EXPECT_EQ(quantiles.at(0.5).first, 0);
  EXPECT_GT(quantiles.at(0.5).second, 0);
}

// The toy law with noise that no feature explains: small where bandwidth is high, six times as large where it is low,
// and a share of it one factor of the engine. All else is slowed down so far that no noise brings a subgraph below its
// roofline.
toy::World noisy_world(int engines, int shapes, std::uint64_t seed, double common_share = 0.5) {
  toy::World world = toy::make_world(engines, shapes, seed);
  Random random(seed + 1);
  const engine::EngineConfig* last = nullptr;
  double common = 0;
  for (Sample& sample : world.samples) {
    if (sample.engine != last) common = random.normal();
    last = sample.engine;
    const double size = sample.engine->dram.bandwidth.count() < 5e9 ? 0.12 : 0.02;
    const double noise = std::sqrt(common_share) * common + std::sqrt(1 - common_share) * random.normal();
    const double factor = 2 * std::exp(size * noise);
    sample.measurement.latency =
        Cycles(std::llround(factor * static_cast<double>(sample.measurement.latency.count()) + 1));
  }
  return world;
}

TrainOptions options() {
  TrainOptions out = toy::quick_options();
  out.folds = 4;
  return out;
}

class CoverageTest : public ::testing::Test {
 protected:
  // Of all rows of a world whose engines the estimator never saw.
  double covered(const Estimator& estimator, const toy::World& world, double level) {
    std::vector<Estimator::Query> queries;
    for (const Sample& sample : world.samples) queries.push_back({&sample.subgraph, sample.engine});
    const std::vector<Assessment> assessments = estimator.assess(queries);
    std::int64_t held = 0;
    for (std::size_t i = 0; i < assessments.size(); ++i) {
      const Interval interval = estimator.interval(assessments[i], level);
      const std::int64_t measured = world.samples[i].measurement.latency.count();
      EXPECT_LE(interval.low, assessments[i].prediction.latency.count());
      EXPECT_GE(interval.high, assessments[i].prediction.latency.count());
      EXPECT_GE(interval.low, assessments[i].least_cycles);
      held += measured >= interval.low && measured <= interval.high ? 1 : 0;
    }
    return static_cast<double>(held) / static_cast<double>(assessments.size());
  }

  toy::World taught_ = noisy_world(60, 40, 5);
  toy::World unseen_ = noisy_world(60, 40, 99);
};

TEST_F(CoverageTest, intervals_on_unseen_engines_hold_about_what_they_say) {
  const Estimator estimator = Estimator::train(taught_.samples, options());
  for (const double level : {0.5, 0.8, 0.9, 0.95}) {
    EXPECT_NEAR(covered(estimator, unseen_, level), level, 0.08) << level;
  }
}

TEST_F(CoverageTest, intervals_are_wider_where_errors_are_larger) {
  const Estimator estimator = Estimator::train(taught_.samples, options());
  double wide = 0, narrow = 0;
  std::int64_t wides = 0, narrows = 0;
  for (const Sample& sample : unseen_.samples) {
    const double difficulty = estimator.assess({{&sample.subgraph, sample.engine}})[0].difficulty;
    const bool noisy = sample.engine->dram.bandwidth.count() < 5e9;
    (noisy ? wide : narrow) += difficulty;
    ++(noisy ? wides : narrows);
  }
  ASSERT_GT(wides, 0);
  ASSERT_GT(narrows, 0);
  EXPECT_GT(wide / static_cast<double>(wides), 1.5 * narrow / static_cast<double>(narrows));
}

TEST_F(CoverageTest, networks_on_unseen_engines_are_covered_though_their_errors_hang_together) {
  const toy::World taught = noisy_world(60, 40, 5, 0.9), unseen = noisy_world(60, 40, 99, 0.9);
  const Estimator estimator = Estimator::train(taught.samples, options());
  std::int64_t held = 0, networks = 0;
  double width = 0, independent_width = 0;  // of the prediction
  for (std::size_t first = 0; first < unseen.samples.size(); first += 40) {
    std::vector<NetworkPart> parts;
    double measured = 0, predicted = 0, squares = 0;
    for (std::size_t i = first; i < first + 40; ++i) {
      const Sample& sample = unseen.samples[i];
      const Assessment a = estimator.assess({{&sample.subgraph, sample.engine}})[0];
      const auto cycles = static_cast<double>(a.prediction.latency.count());
      parts.push_back({cycles, a.difficulty});
      measured += static_cast<double>(sample.measurement.latency.count());
      predicted += cycles;
      const Interval interval = estimator.interval(a, 0.9);
      squares += std::pow(static_cast<double>(interval.high - interval.low) / 2, 2);
    }
    const Interval interval = estimator.network_interval(parts, 0.9);
    ++networks;
    held += measured >= static_cast<double>(interval.low) && measured <= static_cast<double>(interval.high) ? 1 : 0;
    width += static_cast<double>(interval.high - interval.low) / predicted;
    independent_width += 2 * std::sqrt(squares) / predicted;
  }
  EXPECT_GE(static_cast<double>(held) / static_cast<double>(networks), 0.8);
  EXPECT_GT(width, 1.2 * independent_width) << "as errors hang together, they do not average out as independent ones";
}

TEST_F(CoverageTest, the_report_of_unseen_engines_says_the_same) {
  const std::map<std::string, SplitReport> reports = evaluate_splits(taught_.samples, options());
  for (const auto& [name, report] : reports) {
    ASSERT_EQ(report.intervals.subgraphs.size(), 3U) << name;
    for (const Coverage& c : report.intervals.subgraphs) {
      EXPECT_EQ(c.count, report.latency.rows) << name;
      EXPECT_NEAR(c.covered_percent / 100, c.level, 0.12) << name;
      EXPECT_GT(c.median_width_percent, 0) << name;
    }
    EXPECT_LT(report.intervals.subgraphs[0].median_width_percent, report.intervals.subgraphs[2].median_width_percent);
    EXPECT_EQ(report.intervals.networks.empty(), name != "unseen_engine");
  }
}

TEST(Intervals, are_the_same_whatever_the_order_of_rows_and_the_number_of_threads) {
  const toy::World world = noisy_world(24, 24, 8);
  TrainOptions one = options(), three = options();
  one.threads = 1;
  three.threads = 3;
  one.trees = three.trees = 20;
  const std::vector<Sample> reversed(world.samples.rbegin(), world.samples.rend());
  const Estimator a = train_and_evaluate(world.samples, one), b = train_and_evaluate(reversed, three);
  const Estimator::Query query{&world.samples[7].subgraph, world.samples[7].engine};
  EXPECT_EQ(a.assess({query})[0].difficulty, b.assess({query})[0].difficulty);
  EXPECT_EQ(a.interval(a.assess({query})[0], 0.9).low, b.interval(b.assess({query})[0], 0.9).low);
  const auto all = evaluate_splits(world.samples, three);
  EXPECT_EQ(all.at("unseen_engine").intervals.networks[1].covered_percent,
            a.reports().at("unseen_engine").intervals.networks[1].covered_percent);
  EXPECT_EQ(all.at("random").intervals.subgraphs[1].median_width_percent,
            b.reports().at("random").intervals.subgraphs[1].median_width_percent);
}

TEST_F(CoverageTest, without_folds_there_are_none) {
  TrainOptions none = options();
  none.folds = 0;
  const Estimator estimator = Estimator::train(taught_.samples, none);
  EXPECT_FALSE(estimator.has_intervals());
  const Assessment a = estimator.assess({{&unseen_.samples[0].subgraph, unseen_.samples[0].engine}})[0];
  EXPECT_EQ(a.difficulty, 0);
  EXPECT_THROW(estimator.interval(a, 0.9), InternalError);
}

TEST(Folds, keep_the_engines_of_a_triple_together) {
  const toy::World world = toy::make_world(40, 10, 3);
  const TrainingSet set(world.samples);
  TrainOptions five;
  five.folds = 5;
  const OutOfFold folds = deal_folds(set, std::vector<bool>(world.samples.size(), true), five);
  ASSERT_EQ(folds.folds, 5);
  std::map<std::string, std::set<int>> of_triple;
  for (std::size_t i = 0; i < world.samples.size(); ++i) {
    of_triple[engine_triple(*world.samples[i].engine)].insert(folds.fold[i]);
  }
  std::set<int> used;
  for (const auto& [triple, members] : of_triple) {
    EXPECT_EQ(members.size(), 1U) << triple;
    used.insert(*members.begin());
  }
  EXPECT_EQ(used, (std::set<int>{0, 1, 2, 3, 4}));
}

TEST(Networks, are_whole_where_all_their_subgraphs_are_there) {
  toy::World world = toy::make_world(2, 30, 3);
  for (std::size_t i = 0; i < 30; ++i) {
    // On the first engine: "a" has 12 subgraphs, of which 10 are different; "b" lacks one.
    if (i < 10) world.samples[i].networks.push_back({"a", i < 2 ? 2 : 1, 12});
    if (i >= 5 && i < 9) world.samples[i].networks.push_back({"b", 1, 5});
  }
  const TrainingSet set(world.samples);
  const std::vector<MeasuredNetwork> networks =
      measured_networks(set, std::vector<bool>(world.samples.size(), true), 1);
  const std::string first = engine::engine_hash(world.engines[0]);
  std::int64_t complete = 0, drawn = 0;
  for (const MeasuredNetwork& network : networks) {
    if (network.complete) {
      ++complete;
      EXPECT_EQ(network.engine_hash, first);
      EXPECT_EQ(network.parts.size(), 10U);
    } else {
      ++drawn;
      EXPECT_NE(network.engine_hash, first) << "an engine with whole networks has no drawn ones";
      EXPECT_GE(network.parts.size(), 20U);
      std::set<std::size_t> distinct;
      for (const MeasuredNetwork::Part& part : network.parts) distinct.insert(part.sample);
      EXPECT_EQ(distinct.size(), network.parts.size());
    }
  }
  EXPECT_EQ(complete, 1);
  EXPECT_GT(drawn, 0);
}

TEST(Ranges, name_what_lies_beyond) {
  const toy::World world = toy::make_world(12, 40, 7);
  const Estimator estimator = Estimator::train(world.samples, options());
  EXPECT_EQ(estimator.out_of_range(world.engines[0]), std::vector<std::string>());
  const engine::EngineConfig slow = toy::make_engine(16, 16, 32, 0.8);
  EXPECT_EQ(estimator.out_of_range(slow), std::vector<std::string>{"dram.bandwidth 800 MB/s < 1.6 GB/s"});
  engine::EngineConfig stranger = world.engines[0];
  stranger.family = "others";
  EXPECT_EQ(estimator.out_of_range(stranger), std::vector<std::string>{"family others, not toys"});
  const mapping::Subgraph large = toy::make_convolution(4096, 64, 14, 1);
  const Assessment beyond = estimator.assess({{&large, &world.engines[0]}})[0];
  ASSERT_FALSE(beyond.out_of_range.empty());
  EXPECT_EQ(beyond.out_of_range[0], "in_channels 4096 > 320 (convolution)");
  mapping::Subgraph other = toy::make_convolution(64, 64, 14, 1);
  other.shape.family = mapping::SubgraphFamily::kElementwise;
  EXPECT_EQ(estimator.assess({{&other, &world.engines[0]}})[0].out_of_range,
            std::vector<std::string>{"no pass of the family elementwise"});
  for (const Sample& sample : world.samples) {
    EXPECT_EQ(estimator.assess({{&sample.subgraph, sample.engine}})[0].out_of_range, std::vector<std::string>());
  }
}

TEST(Reasons, add_up_to_the_prediction) {
  const toy::World world = toy::make_world(12, 40, 7);
  const Estimator estimator = Estimator::train(world.samples, options());
  for (const std::size_t i : {3U, 77U, 311U}) {
    const Estimator::Query query{&world.samples[i].subgraph, world.samples[i].engine};
    const Reasons reasons = estimator.reasons(query);
    double sum = reasons.usual_log_ratio;
    for (const Contribution& c : reasons.contributions) sum += c.log_ratio;
    const Assessment assessment = estimator.assess({query})[0];
    const double explained =
        std::max(reasons.analytical_cycles * std::exp(sum), static_cast<double>(assessment.least_cycles));
    EXPECT_NEAR(explained / static_cast<double>(assessment.prediction.latency.count()), 1, 1e-3);
    EXPECT_TRUE(std::is_sorted(
        reasons.contributions.begin(), reasons.contributions.end(),
        [](const Contribution& a, const Contribution& b) { return std::abs(a.log_ratio) > std::abs(b.log_ratio); }));
    // All rows of this small world are kept: the nearest of a trained row is itself.
    ASSERT_EQ(reasons.nearest.size(), 3U);
    EXPECT_EQ(reasons.nearest[0].distance, 0);
    EXPECT_EQ(reasons.nearest[0].subgraph_key, mapping::subgraph_key(world.samples[i].subgraph));
    EXPECT_EQ(reasons.nearest[0].measured_cycles, world.samples[i].measurement.latency.count());
    EXPECT_GT(reasons.nearest[0].predicted_cycles, 0);
    EXPECT_LE(reasons.nearest[1].distance, reasons.nearest[2].distance);
  }
}

}  // namespace
