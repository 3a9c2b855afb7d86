// SPDX-License-Identifier: Apache-2.0
// Passes that no network has: at the cliffs, and from ranges of shapes.
#include <map>
#include <set>

#include "core/mapping/array_work.hpp"
#include "core/mapping/partition.hpp"
#include "sim/simulate.hpp"
#include "study/campaign/cliff_points.hpp"
#include "study/campaign/made_pass.hpp"
#include "study/campaign/shape_ranges.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

using mapping::PassFamily;

std::int64_t outputs_of(const network::Window& window, int axis, std::int64_t inputs) {
  return (inputs + window.pad_begin[axis] + window.pad_end[axis] - (window.kernel[axis] - 1) * window.dilation[axis] -
          1) /
             window.stride[axis] +
         1;
}

// What every pass that is made must be.
void expect_sound(const mapping::Subgraph& pass, const engine::EngineConfig& engine) {
  const mapping::PassShape& shape = pass.shape;
  SCOPED_TRACE(mapping::subgraph_key(pass));
  const bool windows = shape.family == PassFamily::kConvolution || shape.family == PassFamily::kGrouped ||
                       shape.family == PassFamily::kDepthwise || shape.family == PassFamily::kPooling;
  if (windows) {
    EXPECT_EQ(outputs_of(shape.window, 0, shape.in_height), shape.conv_height());
    EXPECT_EQ(outputs_of(shape.window, 1, shape.in_width), shape.conv_width());
  }
  EXPECT_EQ(shape.in_channels % shape.groups, 0);
  EXPECT_EQ(shape.out_channels % shape.groups, 0);
  if (shape.family == PassFamily::kDepthwise) {
    EXPECT_EQ(shape.groups, shape.in_channels);
    EXPECT_EQ(shape.out_channels, shape.in_channels);
  }
  EXPECT_GE(pass.context.resident_banks, banks_of_own(pass, engine));
  EXPECT_LT(pass.context.resident_banks, engine.memory.activation_banks);
  EXPECT_GT(sim::simulate(pass, engine).latency.count(), 0);
  EXPECT_EQ(mapping::subgraph_key(mapping::parse_subgraph_key(mapping::subgraph_key(pass))),
            mapping::subgraph_key(pass));
}

// Every pass of two networks moved to every cliff, a few times.
std::map<Cliff, std::vector<mapping::Subgraph>> all_cliffs(const engine::EngineConfig& engine) {
  std::map<Cliff, std::vector<mapping::Subgraph>> out;
  Random random(1);
  for (const network::Graph& graph : {mobilenet(), squeezenet()}) {
    for (const mapping::Subgraph& pass : mapping::partition(graph, engine)) {
      for (int c = 0; c < kCliffCount; ++c) {
        for (int i = 0; i < 4; ++i) {
          if (const auto moved = move_to_cliff(pass, static_cast<Cliff>(c), engine, random)) {
            out[static_cast<Cliff>(c)].push_back(*moved);
          }
        }
      }
    }
  }
  return out;
}

TEST(Cliffs, EveryPassThereIsSound) {
  for (const char* path : {"hwconfigs/ne-256.yaml", "hwconfigs/ne-64.yaml", "hwconfigs/nvdla-small.yaml"}) {
    const engine::EngineConfig engine = engine::load_engine(path).config;
    for (const auto& [cliff, passes] : all_cliffs(engine)) {
      for (const mapping::Subgraph& pass : passes) expect_sound(pass, engine);
    }
  }
}

TEST(Cliffs, LieWhereTheEngineSays) {
  const engine::EngineConfig engine = small_engine();
  const auto cliffs = all_cliffs(engine);
  ASSERT_EQ(cliffs.size(), static_cast<std::size_t>(kCliffCount));
  const auto off = [](std::int64_t value, std::int64_t step) { return (value + 1) % step; };
  std::set<std::int64_t> met;
  for (const mapping::Subgraph& pass : cliffs.at(Cliff::kInChannels)) {
    EXPECT_LE(off(pass.shape.in_channels, engine.array.dot_product_lanes), 2) << mapping::subgraph_key(pass);
    met.insert(off(pass.shape.in_channels, engine.array.dot_product_lanes));
  }
  EXPECT_EQ(met.size(), 3u);
  met.clear();
  for (const mapping::Subgraph& pass : cliffs.at(Cliff::kOutChannels)) {
    EXPECT_LE(off(pass.shape.out_channels, engine.array.parallelism_factor), 2) << mapping::subgraph_key(pass);
    met.insert(off(pass.shape.out_channels, engine.array.parallelism_factor));
  }
  EXPECT_EQ(met.size(), 3u);
  // One channel less fits.
  bool fits = false, does_not = false;
  for (const mapping::Subgraph& pass : cliffs.at(Cliff::kWeightMemory)) {
    const std::int64_t one = pass.shape.in_channels * pass.shape.window.kernel[0] * pass.shape.window.kernel[1];
    const std::int64_t all = one * pass.shape.out_channels;
    const std::int64_t room = engine.weight_capacity().count();
    const std::int64_t target = all > room / 2 + one ? room : room / 2;
    EXPECT_LE(std::abs(all - target), one) << mapping::subgraph_key(pass);
    (all <= target ? fits : does_not) = true;
  }
  EXPECT_TRUE(fits && does_not);
  std::set<std::int64_t> contexts;
  for (const mapping::Subgraph& pass : cliffs.at(Cliff::kContext)) contexts.insert(pass.context.resident_banks);
  EXPECT_GT(contexts.size(), 8u);
}

TEST(Cliffs, WhatKeepsNoActivationsHasNoContexts) {
  const auto cliffs = all_cliffs(engine::load_engine("hwconfigs/nvdla-small.yaml").config);
  EXPECT_EQ(cliffs.count(Cliff::kContext), 0u);
  for (const auto& [cliff, passes] : cliffs) {
    for (const mapping::Subgraph& pass : passes) EXPECT_EQ(pass.context.resident_banks, 0);
  }
}

TEST(ResizeMap, FollowsTheWindow) {
  mapping::PassShape shape;
  shape.in_height = shape.out_height = 8;
  shape.window.kernel[0] = 3;
  shape.window.pad_begin[0] = shape.window.pad_end[0] = 1;
  shape.window.stride[0] = 2;
  EXPECT_TRUE(resize_map(shape, 0, 15));
  EXPECT_EQ(shape.in_height, 15);
  EXPECT_EQ(shape.out_height, 8);
  shape.window.pad_begin[0] = shape.window.pad_end[0] = 0;
  EXPECT_FALSE(resize_map(shape, 0, 2));
  EXPECT_EQ(shape.in_height, 15);
  // A fused 2x2 pooling of stride 2 leaves no row over.
  shape.window.stride[0] = 1;
  shape.pooled = true;
  shape.pool.kernel[0] = shape.pool.stride[0] = 2;
  EXPECT_TRUE(resize_map(shape, 0, 9));
  EXPECT_EQ(shape.in_height, 8);
  EXPECT_EQ(shape.out_height, 3);
  EXPECT_EQ(shape.conv_height(), 6);
}

ShapeRanges ranges_of(PassFamily family) {
  ShapeRanges ranges;
  ranges.family = family;
  ranges.in_channels = ranges.out_channels = {16, 512};
  ranges.height = {4, 64};
  if (family == PassFamily::kConvolution || family == PassFamily::kGrouped || family == PassFamily::kDepthwise ||
      family == PassFamily::kPooling) {
    ranges.kernel = {1, 3, 4};
    ranges.stride = {1, 2};
  }
  if (family == PassFamily::kGrouped || family == PassFamily::kMatMul) ranges.groups = {2, 3};
  return ranges;
}

TEST(ShapeRanges, EveryPassDrawnIsSoundAndWithinThem) {
  for (const char* path : {"hwconfigs/ne-256.yaml", "hwconfigs/nvdla-small.yaml"}) {
    const engine::EngineConfig engine = engine::load_engine(path).config;
    Random random(3);
    for (const PassFamily family :
         {PassFamily::kConvolution, PassFamily::kGrouped, PassFamily::kDepthwise, PassFamily::kFullyConnected,
          PassFamily::kMatMul, PassFamily::kPooling, PassFamily::kElementwise, PassFamily::kNormalization}) {
      SCOPED_TRACE(mapping::to_string(family));
      const ShapeRanges ranges = ranges_of(family);
      int drawn = 0;
      for (int i = 0; i < 60; ++i) {
        const auto pass = draw_pass(ranges, engine, random);
        if (!pass) continue;
        ++drawn;
        EXPECT_EQ(pass->shape.family, family);
        expect_sound(*pass, engine);
        const std::int64_t matrices = family == PassFamily::kMatMul ? pass->shape.groups : 1;
        EXPECT_GE(pass->shape.in_channels / matrices, 16);
        EXPECT_LE(pass->shape.in_channels / matrices, 512 + 3);  // whole groups
        EXPECT_LE(pass->shape.in_height, 64);
      }
      EXPECT_GT(drawn, 30);
    }
  }
}

TEST(ShapeRanges, EachDoublingIsAsLikely) {
  Random random(9);
  ShapeRanges ranges = ranges_of(PassFamily::kElementwise);
  ranges.in_channels = {1, 255};
  ranges.height = {8, 8};
  std::map<int, int> octaves;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const auto pass = draw_pass(ranges, small_engine(), random);
    ASSERT_TRUE(pass);
    int octave = 0;
    while (pass->shape.in_channels >> (octave + 1) > 0) ++octave;
    ++octaves[octave];
  }
  ASSERT_EQ(octaves.size(), 8u);
  for (const auto& [octave, count] : octaves) EXPECT_NEAR(count, kDraws / 8, kDraws / 30) << octave;
}

}  // namespace
}  // namespace lanewise::study::testing
