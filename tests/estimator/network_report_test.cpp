// SPDX-License-Identifier: Apache-2.0
// Whole networks on engines held out from training: the figures are those of engines and families never seen, intervals
// hold as often as they promise, and a network is matched by what it is made of.
#include "estimator/network_report.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "core/base/error.hpp"

#include "tests/estimator/toy_world.hpp"

namespace lanewise::estimator {
namespace {

using toy::World;

struct Layer {
  std::int64_t in, out, size, kernel;
};

// Networks of few layers: two of pointwise convolutions that share a name's first word, one of 3x3 convolutions.
const std::vector<std::pair<std::string, std::vector<Layer>>> kNetworks = {
    {"flat1", {{16, 64, 28, 1}, {64, 64, 28, 1}, {64, 96, 14, 1}}},
    {"flat2", {{24, 96, 28, 1}, {96, 64, 14, 1}, {64, 160, 14, 1}}},
    {"wide", {{16, 32, 28, 3}, {32, 64, 14, 3}, {64, 96, 14, 3}}},
};

// What a 3x3 convolution takes longer than the law says: only who has seen one on any engine can know.
constexpr double kSlow = 1.6;

Sample sample_of(const engine::EngineConfig& engine, const Layer& layer, const record::NetworkMembership& member) {
  Sample sample;
  sample.engine = &engine;
  sample.subgraph = toy::make_convolution(layer.in, layer.out, layer.size, layer.kernel);
  sample.measurement = toy::measure(sample.subgraph, engine);
  if (layer.kernel == 3) {
    sample.measurement.latency = Cycles(static_cast<std::int64_t>(kSlow * as_double(sample.measurement.latency)));
  }
  sample.networks = {member};
  return sample;
}

// Every network whole on every engine, and of each layer a variant with half the output channels.
World make_networks(int engines, std::uint64_t seed) {
  World world = toy::make_world(engines, 6, seed);
  std::vector<Sample> synthetic;
  for (const Sample& sample : world.samples) {
    if (sample.subgraph.shape.window.kernel[0] == 1) synthetic.push_back(sample);
  }
  world.samples = std::move(synthetic);
  for (const engine::EngineConfig& engine : world.engines) {
    for (const auto& [name, layers] : kNetworks) {
      for (const Layer& layer : layers) {
        world.samples.push_back(sample_of(engine, layer, {name, 1, static_cast<std::int64_t>(layers.size())}));
        const Layer varied{layer.in, layer.out / 2, layer.size, layer.kernel};
        world.samples.push_back(sample_of(engine, varied, {name, 0, 0}));
      }
    }
  }
  return world;
}

NetworkMix mix_of(const std::vector<Layer>& layers) {
  MixCounter counter;
  for (const Layer& layer : layers) {
    counter.add(toy::make_convolution(layer.in, layer.out, layer.size, layer.kernel).shape, 1);
  }
  return counter.mix();
}

class NetworkReportTest : public ::testing::Test {
 protected:
  // One training serves all tests of this file.
  static void SetUpTestSuite() {
    world_ = new World(make_networks(40, 3));
    model_ = new Estimator(train_and_evaluate(world_->samples, toy::quick_options()));
  }
  static void TearDownTestSuite() {
    delete model_;
    delete world_;
  }
  static const NetworkFamily& family(const std::string& name) {
    const auto& families = model_->network_report().families;
    const auto found =
        std::find_if(families.begin(), families.end(), [&](const NetworkFamily& f) { return f.name == name; });
    if (found == families.end()) throw InternalError("no family " + name);
    return *found;
  }

  static World* world_;
  static Estimator* model_;
};
World* NetworkReportTest::world_ = nullptr;
Estimator* NetworkReportTest::model_ = nullptr;

TEST_F(NetworkReportTest, every_whole_network_is_compared_once_on_every_engine) {
  const NetworkReport& report = model_->network_report();
  EXPECT_EQ(report.held_out.latency.networks, 40 * 3);
  EXPECT_EQ(report.held_out.engines, 40);
  EXPECT_EQ(report.held_out.energy.networks, 40 * 3);
  EXPECT_EQ(report.held_out.peak_sram.networks, 40 * 3);
}

TEST_F(NetworkReportTest, networks_of_one_word_or_one_mix_are_one_family) {
  ASSERT_EQ(model_->network_report().families.size(), 2U);
  EXPECT_EQ(family("flat").members, (std::vector<std::string>{"flat1", "flat2"}));
  EXPECT_EQ(family("wide").members, (std::vector<std::string>{"wide"}));
}

TEST_F(NetworkReportTest, a_family_left_out_errs_by_what_only_its_rows_and_variants_tell) {
  const NetworkFamily& wide = family("wide");
  EXPECT_LT(wide.held_out.latency.median_percent, 8);
  ASSERT_GT(wide.left_out.latency.networks, 0);
  // Nothing but its own rows tells that its kernels are slow; a variant left in would.
  EXPECT_NEAR(wide.left_out.latency.median_percent, 100 * (1 - 1 / kSlow), 12);
  EXPECT_LT(wide.left_out.latency.within_10_percent, 20);
}

TEST_F(NetworkReportTest, intervals_of_networks_hold_on_engines_never_seen) {
  const World other = make_networks(40, 977);
  int held = 0, all = 0;
  for (const engine::EngineConfig& engine : other.engines) {
    for (const auto& [name, layers] : kNetworks) {
      std::vector<NetworkPart> parts;
      double measured = 0;
      for (const Layer& layer : layers) {
        const Sample sample = sample_of(engine, layer, {name, 1, 3});
        const Assessment assessment = model_->assess({{&sample.subgraph, &engine}}).front();
        parts.push_back({as_double(assessment.prediction.latency), assessment.difficulty});
        measured += as_double(sample.measurement.latency);
      }
      const Interval interval = model_->network_interval(parts, 0.9);
      held += measured >= static_cast<double>(interval.low) && measured <= static_cast<double>(interval.high) ? 1 : 0;
      ++all;
    }
  }
  const double share = 100.0 * held / all;
  EXPECT_GE(share, 80);
  // The report's figure, found by cross-fitting, foretells it.
  const std::vector<Coverage>& reported = model_->network_report().held_out.intervals;
  ASSERT_EQ(reported.size(), 3U);
  EXPECT_NEAR(reported[1].covered_percent, share, 12);
  EXPECT_LE(reported[0].median_width_percent, reported[1].median_width_percent);
  EXPECT_LE(reported[1].median_width_percent, reported[2].median_width_percent);
}

TEST_F(NetworkReportTest, the_file_keeps_the_report) {
  const std::string path =
      (std::filesystem::path(::testing::TempDir()) / ("lanewise_networks_" + std::to_string(::getpid()) + ".lwm"))
          .string();
  model_->save(path);
  const Estimator loaded = Estimator::load(path);
  std::filesystem::remove(path);
  const NetworkReport& was = model_->network_report();
  const NetworkReport& is = loaded.network_report();
  ASSERT_EQ(is.families.size(), was.families.size());
  EXPECT_EQ(is.families[0].members, was.families[0].members);
  EXPECT_EQ(is.left_out.latency.worst_percent, was.left_out.latency.worst_percent);
  EXPECT_EQ(is.held_out.intervals[1].covered_percent, was.held_out.intervals[1].covered_percent);
  EXPECT_EQ(is.mixes.at("wide").distance(was.mixes.at("wide")), 0);
}

TEST_F(NetworkReportTest, a_network_of_another_name_is_matched_by_what_it_is_made_of) {
  const NetworksLikeThis like = networks_like(model_->network_report(), mix_of({{32, 64, 20, 3}, {64, 96, 20, 3}}));
  EXPECT_TRUE(like.known);
  EXPECT_EQ(like.nearest, "wide");
  EXPECT_EQ(like.accuracy.latency.worst_percent, family("wide").held_out.latency.worst_percent);
}

TEST_F(NetworkReportTest, a_network_like_none_gets_the_figures_of_families_left_out) {
  const NetworksLikeThis like = networks_like(model_->network_report(), mix_of({{32, 64, 20, 5}}));
  EXPECT_FALSE(like.known);
  EXPECT_EQ(like.accuracy.latency.worst_percent, model_->network_report().left_out.latency.worst_percent);
}

TEST(NetworkMixTest, distance_is_a_share_that_does_not_depend_on_depth_or_order) {
  const NetworkMix a = mix_of({{16, 64, 28, 1}, {16, 64, 28, 3}});
  EXPECT_NEAR(a.distance(a), 0, 1e-12);
  EXPECT_NEAR(a.distance(mix_of({{16, 64, 28, 3}, {16, 64, 28, 1}, {16, 64, 28, 3}, {16, 64, 28, 1}})), 0, 1e-12);
  EXPECT_NEAR(mix_of({{16, 64, 28, 1}}).distance(mix_of({{16, 64, 28, 3}})), 1, 1e-12);
  EXPECT_EQ(a.distance(mix_of({{16, 64, 28, 1}})), mix_of({{16, 64, 28, 1}}).distance(a));
}

TEST(NetworkErrorsTest, shares_median_and_worst_are_of_absolute_errors) {
  const NetworkErrors errors = network_errors({-12, 3, 5, 10});
  EXPECT_EQ(errors.networks, 4);
  EXPECT_DOUBLE_EQ(errors.within_5_percent, 50);
  EXPECT_DOUBLE_EQ(errors.within_10_percent, 75);
  EXPECT_DOUBLE_EQ(errors.median_percent, 7.5);
  EXPECT_DOUBLE_EQ(errors.worst_percent, 12);
  EXPECT_EQ(network_errors({}).networks, 0);
}

}  // namespace
}  // namespace lanewise::estimator
