// SPDX-License-Identifier: Apache-2.0
// Subgraphs that no network has: boundary shapes, and from ranges of shapes.
#include <map>
#include <set>

#include "core/mapping/array_work.hpp"
#include "core/mapping/partition.hpp"
#include "sim/simulate.hpp"
#include "study/campaign/boundary_shapes.hpp"
#include "study/campaign/shape_ranges.hpp"
#include "study/campaign/synthetic_subgraph.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

using mapping::SubgraphFamily;

std::int64_t outputs_of(const network::Window& window, int axis, std::int64_t inputs) {
  return (inputs + window.pad_begin[axis] + window.pad_end[axis] - (window.kernel[axis] - 1) * window.dilation[axis] -
          1) /
             window.stride[axis] +
         1;
}

// What every subgraph that is made must be.
void expect_sound(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const mapping::SubgraphShape& shape = subgraph.shape;
  SCOPED_TRACE(mapping::subgraph_key(subgraph));
  const bool windows = shape.family == SubgraphFamily::kConvolution || shape.family == SubgraphFamily::kGrouped ||
                       shape.family == SubgraphFamily::kDepthwise || shape.family == SubgraphFamily::kPooling;
  if (windows) {
    EXPECT_EQ(outputs_of(shape.window, 0, shape.in_height), shape.conv_height());
    EXPECT_EQ(outputs_of(shape.window, 1, shape.in_width), shape.conv_width());
  }
  EXPECT_EQ(shape.in_channels % shape.groups, 0);
  EXPECT_EQ(shape.out_channels % shape.groups, 0);
  if (shape.family == SubgraphFamily::kDepthwise) {
    EXPECT_EQ(shape.groups, shape.in_channels);
    EXPECT_EQ(shape.out_channels, shape.in_channels);
  }
  EXPECT_GE(subgraph.context.resident_banks, banks_of_own(subgraph, engine));
  EXPECT_LT(subgraph.context.resident_banks, engine.memory.activation_banks);
  EXPECT_GT(sim::simulate(subgraph, engine).latency.count(), 0);
  EXPECT_EQ(mapping::subgraph_key(mapping::parse_subgraph_key(mapping::subgraph_key(subgraph))),
            mapping::subgraph_key(subgraph));
}

// Every subgraph of two networks moved to every boundary, a few times.
std::map<Boundary, std::vector<mapping::Subgraph>> all_boundary_shapes(const engine::EngineConfig& engine) {
  std::map<Boundary, std::vector<mapping::Subgraph>> out;
  Random random(1);
  for (const network::Graph& graph : {mobilenet(), squeezenet()}) {
    for (const mapping::Subgraph& subgraph : mapping::partition(graph, engine)) {
      for (int c = 0; c < kBoundaryCount; ++c) {
        for (int i = 0; i < 4; ++i) {
          if (const auto moved = move_to_boundary(subgraph, static_cast<Boundary>(c), engine, random)) {
            out[static_cast<Boundary>(c)].push_back(*moved);
          }
        }
      }
    }
  }
  return out;
}

TEST(Boundarys, every_subgraph_there_is_sound) {
  for (const char* path : {"hwconfigs/ne-256.yaml", "hwconfigs/ne-64.yaml", "hwconfigs/nvdla-small.yaml"}) {
    const engine::EngineConfig engine = engine::load_engine(path).config;
    for (const auto& [boundary, subgraphs] : all_boundary_shapes(engine)) {
      for (const mapping::Subgraph& subgraph : subgraphs) expect_sound(subgraph, engine);
    }
  }
}

TEST(Boundarys, lie_where_the_engine_says) {
  const engine::EngineConfig engine = small_engine();
  const auto boundaries = all_boundary_shapes(engine);
  ASSERT_EQ(boundaries.size(), static_cast<std::size_t>(kBoundaryCount));
  const auto off = [](std::int64_t value, std::int64_t step) { return (value + 1) % step; };
  std::set<std::int64_t> met;
  for (const mapping::Subgraph& subgraph : boundaries.at(Boundary::kInChannels)) {
    EXPECT_LE(off(subgraph.shape.in_channels, engine.array.dot_product_lanes), 2) << mapping::subgraph_key(subgraph);
    met.insert(off(subgraph.shape.in_channels, engine.array.dot_product_lanes));
  }
  EXPECT_EQ(met.size(), 3u);
  met.clear();
  for (const mapping::Subgraph& subgraph : boundaries.at(Boundary::kOutChannels)) {
    EXPECT_LE(off(subgraph.shape.out_channels, engine.array.parallelism_factor), 2) << mapping::subgraph_key(subgraph);
    met.insert(off(subgraph.shape.out_channels, engine.array.parallelism_factor));
  }
  EXPECT_EQ(met.size(), 3u);
  // One channel less fits.
  bool fits = false, does_not = false;
  for (const mapping::Subgraph& subgraph : boundaries.at(Boundary::kWeightMemory)) {
    const std::int64_t one =
        subgraph.shape.in_channels * subgraph.shape.window.kernel[0] * subgraph.shape.window.kernel[1];
    const std::int64_t all = one * subgraph.shape.out_channels;
    const std::int64_t room = engine.weight_capacity().count();
    const std::int64_t target = all > room / 2 + one ? room : room / 2;
    EXPECT_LE(std::abs(all - target), one) << mapping::subgraph_key(subgraph);
    (all <= target ? fits : does_not) = true;
  }
  EXPECT_TRUE(fits && does_not);
  std::set<std::int64_t> contexts;
  for (const mapping::Subgraph& subgraph : boundaries.at(Boundary::kContext))
    contexts.insert(subgraph.context.resident_banks);
  EXPECT_GT(contexts.size(), 8u);
}

TEST(Boundarys, what_keeps_no_activations_has_no_contexts) {
  const auto boundaries = all_boundary_shapes(engine::load_engine("hwconfigs/nvdla-small.yaml").config);
  EXPECT_EQ(boundaries.count(Boundary::kContext), 0u);
  for (const auto& [boundary, subgraphs] : boundaries) {
    for (const mapping::Subgraph& subgraph : subgraphs) EXPECT_EQ(subgraph.context.resident_banks, 0);
  }
}

TEST(ResizeMap, follows_the_window) {
  mapping::SubgraphShape shape;
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

ShapeRanges ranges_of(SubgraphFamily family) {
  ShapeRanges ranges;
  ranges.family = family;
  ranges.in_channels = ranges.out_channels = {16, 512};
  ranges.height = {4, 64};
  if (family == SubgraphFamily::kConvolution || family == SubgraphFamily::kGrouped ||
      family == SubgraphFamily::kDepthwise || family == SubgraphFamily::kPooling) {
    ranges.kernel = {1, 3, 4};
    ranges.stride = {1, 2};
  }
  if (family == SubgraphFamily::kGrouped || family == SubgraphFamily::kMatMul) ranges.groups = {2, 3};
  return ranges;
}

TEST(ShapeRanges, every_subgraph_drawn_is_sound_and_within_them) {
  for (const char* path : {"hwconfigs/ne-256.yaml", "hwconfigs/nvdla-small.yaml"}) {
    const engine::EngineConfig engine = engine::load_engine(path).config;
    Random random(3);
    for (const SubgraphFamily family :
         {SubgraphFamily::kConvolution, SubgraphFamily::kGrouped, SubgraphFamily::kDepthwise,
          SubgraphFamily::kFullyConnected, SubgraphFamily::kMatMul, SubgraphFamily::kPooling,
          SubgraphFamily::kElementwise, SubgraphFamily::kNormalization}) {
      SCOPED_TRACE(mapping::to_string(family));
      const ShapeRanges ranges = ranges_of(family);
      int drawn = 0;
      for (int i = 0; i < 60; ++i) {
        const auto subgraph = draw_subgraph(ranges, engine, random);
        if (!subgraph) continue;
        ++drawn;
        EXPECT_EQ(subgraph->shape.family, family);
        expect_sound(*subgraph, engine);
        const std::int64_t matrices = family == SubgraphFamily::kMatMul ? subgraph->shape.groups : 1;
        EXPECT_GE(subgraph->shape.in_channels / matrices, 16);
        EXPECT_LE(subgraph->shape.in_channels / matrices, 512 + 3);  // whole groups
        EXPECT_LE(subgraph->shape.in_height, 64);
      }
      EXPECT_GT(drawn, 30);
    }
  }
}

TEST(ShapeRanges, each_doubling_is_as_likely) {
  Random random(9);
  ShapeRanges ranges = ranges_of(SubgraphFamily::kElementwise);
  ranges.in_channels = {1, 255};
  ranges.height = {8, 8};
  std::map<int, int> octaves;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const auto subgraph = draw_subgraph(ranges, small_engine(), random);
    ASSERT_TRUE(subgraph);
    int octave = 0;
    while (subgraph->shape.in_channels >> (octave + 1) > 0) ++octave;
    ++octaves[octave];
  }
  ASSERT_EQ(octaves.size(), 8u);
  for (const auto& [octave, count] : octaves) EXPECT_NEAR(count, kDraws / 8, kDraws / 30) << octave;
}

}  // namespace
}  // namespace lanewise::study::testing
