// SPDX-License-Identifier: Apache-2.0
// Plans of given tiles counted by hand: tiles and what they load, requests, lines of the cache, runs, capacities.
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/given_plan.hpp"
#include "core/mapping/half_tiles.hpp"
#include "core/mapping/line_cache.hpp"
#include "core/mapping/mapping_text.hpp"
#include "core/mapping/plan_tiles.hpp"

namespace lanewise::mapping {
namespace {

Subgraph layer(std::int64_t in_channels, std::int64_t out_channels, std::int64_t size, std::int64_t kernel) {
  Subgraph subgraph;
  subgraph.name = "layer";
  SubgraphShape& s = subgraph.shape;
  s.in_channels = in_channels;
  s.out_channels = out_channels;
  s.in_height = s.in_width = s.out_height = s.out_width = size;
  for (int axis = 0; axis < 2; ++axis) {
    s.window.kernel[axis] = kernel;
    s.window.pad_begin[axis] = s.window.pad_end[axis] = kernel / 2;
  }
  return subgraph;
}

engine::EngineConfig gemmini(const std::vector<engine::Override>& changes = {}) {
  return engine::load_engine("hwconfigs/gemmini.yaml", changes).config;
}

GivenTiles sizes(std::int64_t rows, std::int64_t columns, std::int64_t outputs, std::int64_t inputs) {
  GivenTiles tiles;
  tiles.of(TileAxis::kRows) = rows;
  tiles.of(TileAxis::kColumns) = columns;
  tiles.of(TileAxis::kOutChannels) = outputs;
  tiles.of(TileAxis::kInChannels) = inputs;
  return tiles;
}

std::string error_of(const Subgraph& subgraph, const engine::EngineConfig& engine, const GivenTiles& tiles) {
  try {
    plan_given_tiles(subgraph, engine, tiles);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(GivenTiles, every_tile_loads_its_own_and_the_last_part_of_a_reduction_stores) {
  const Subgraph subgraph = layer(32, 32, 8, 3);
  const TilePlan plan = plan_given_tiles(subgraph, gemmini(), sizes(4, 8, 16, 16));
  ASSERT_EQ(plan.steps.size(), 2u * 2u * 2u);
  std::int64_t macs = 0, stored = 0, input = 0, weights = 0;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const TileStep& step = plan.steps[i];
    macs += step.macs;
    stored += step.store.bytes;
    input += step.input_load.bytes;
    weights += step.weight_load.bytes;
    EXPECT_EQ(step.last_reduction, i % 2 == 1) << "input channels go innermost";
    EXPECT_EQ(step.blocks, 9);
    EXPECT_EQ(step.pixels, 32);
    EXPECT_EQ(step.columns, 8);
  }
  EXPECT_EQ(macs, subgraph.shape.macs());
  EXPECT_EQ(stored, 8 * 8 * 32);
  EXPECT_EQ(input, 2 * 2 * 2 * 5 * 8 * 16) << "five of eight rows, as padding is not loaded, for each tile again";
  EXPECT_EQ(weights, 8 * 9 * 16 * 16);
}

TEST(GivenTiles, loops_run_in_the_order_given) {
  GivenTiles tiles = sizes(8, 8, 16, 16);
  tiles.order = {TileAxis::kInChannels, TileAxis::kOutChannels, TileAxis::kRows,
                 TileAxis::kColumns,    TileAxis::kKernelRows,  TileAxis::kKernelColumns};
  const TilePlan plan = plan_given_tiles(layer(32, 32, 8, 3), gemmini(), tiles);
  ASSERT_EQ(plan.steps.size(), 4u);
  EXPECT_FALSE(plan.steps[1].last_reduction);
  EXPECT_TRUE(plan.steps[2].last_reduction);
}

TEST(GivenTiles, requests_are_powers_of_two_at_multiples_of_their_size) {
  // Pixels of 36 channels at 0 and at 36. The first takes 64 B, which bring all of it; the second 32 B at 32, which
  // bring 28 of it, and 16 B at 64. Of a 1x1 kernel of one output each input channel's byte takes a request of 16 B.
  const engine::EngineConfig engine =
      gemmini({{"dma.load_request_cycles", "1"}, {"cache.load_miss_cycles", "0"}, {"cache.store_miss_cycles", "0"}});
  Subgraph subgraph = layer(36, 1, 1, 1);
  subgraph.shape.in_width = subgraph.shape.out_width = 2;
  const TilePlan plan = plan_given_tiles(subgraph, engine, GivenTiles());
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].input_load.bytes, 72);
  EXPECT_EQ(plan.steps[0].input_load.dram_bytes, 64 + 32 + 16);
  EXPECT_DOUBLE_EQ(plan.steps[0].input_load.request_cycles, 3);
  EXPECT_EQ(plan.steps[0].weight_load.dram_bytes, 36 * 16);
  EXPECT_DOUBLE_EQ(plan.steps[0].weight_load.request_cycles, 36);
}

TEST(GivenTiles, lines_that_the_cache_has_cost_nothing) {
  const std::vector<engine::Override> misses = {{"dma.load_request_cycles", "0"}, {"cache.load_miss_cycles", "10"}};
  std::vector<engine::Override> cold = misses;
  cold.push_back({"cache.warm", "false"});
  const Subgraph subgraph = layer(64, 64, 4, 1);
  const TileStep first = plan_given_tiles(subgraph, gemmini(cold), GivenTiles()).steps.front();
  EXPECT_DOUBLE_EQ(first.input_load.request_cycles, 10 * 16) << "sixteen pixels of a line each";
  EXPECT_DOUBLE_EQ(first.weight_load.request_cycles, 10 * 64);
  const TileStep again = plan_given_tiles(subgraph, gemmini(misses), GivenTiles()).steps.front();
  EXPECT_DOUBLE_EQ(again.input_load.request_cycles, 0) << "an earlier run left them";
}

TEST(GivenTiles, a_small_cache_forgets) {
  const engine::EngineConfig engine = gemmini({{"cache.size", "1 KiB"}, {"cache.ways", "2"}});
  LineCache cache(engine);
  EXPECT_EQ(cache.misses(0, 1024), 16);
  EXPECT_EQ(cache.misses(0, 1024), 0);
  EXPECT_EQ(cache.misses(1 << 20, 1024), 16);
  EXPECT_GT(cache.misses(0, 1024), 0);
  LineCache fresh(engine);
  EXPECT_EQ(fresh.misses(63, 2), 2) << "one byte of each of two lines";
}

TEST(GivenTiles, runs_end_with_their_row) {
  ArrayWork work;
  work.cycles_per_block = 1;
  EXPECT_DOUBLE_EQ(block_cycles(work, 40, 16, 20), 40) << "without runs pixels follow one another";
  work.run_pixels = 16;
  work.shortest_run = 9;
  work.run_overhead = 0.5;
  EXPECT_DOUBLE_EQ(block_cycles(work, 40, 16, 20), 2 * (16.5 + 9)) << "16 and 4 of each row of 20";
  EXPECT_DOUBLE_EQ(block_cycles(work, 40, 16), 16.5 + 16.5 + 9) << "one row";
  EXPECT_DOUBLE_EQ(block_cycles(work, 12, 16, 3), 4 * 9);
}

TEST(GivenTiles, what_does_not_fit_is_refused_with_the_capacity) {
  const Subgraph subgraph = layer(512, 512, 56, 3);
  EXPECT_NE(error_of(subgraph, gemmini(), GivenTiles()).find("memory.unified"), std::string::npos);
  const std::string sums = error_of(subgraph, gemmini(), sizes(56, 56, 32, 16));
  EXPECT_NE(sums.find("the sums of a tile take 401408 B, accumulators.size has 65536 B"), std::string::npos) << sums;
  const engine::EngineConfig ne = engine::load_engine("hwconfigs/ne-256.yaml").config;
  EXPECT_NE(error_of(subgraph, ne, GivenTiles()).find("memory.activation_banks"), std::string::npos);
  EXPECT_NE(error_of(subgraph, ne, sizes(1, 1, 512, 512)).find("memory.weight_banks"), std::string::npos);
  EXPECT_EQ(error_of(subgraph, ne, sizes(4, 14, 16, 64)), "");
  const engine::EngineConfig nvdla = engine::load_engine("hwconfigs/nvdla-small.yaml").config;
  EXPECT_NE(error_of(subgraph, nvdla, sizes(1, 1, 1, 1)).find("dma.kind tiles only"), std::string::npos);
}

TEST(GivenTiles, half_tiles_fit_twice_and_no_axis_can_grow) {
  for (const std::int64_t channels : {3, 64, 250, 1024}) {
    for (const std::int64_t size : {7, 28, 56}) {
      const Subgraph subgraph = layer(channels, 64, size, 3);
      const GivenTiles tiles = half_tiles(subgraph, gemmini());
      EXPECT_EQ(broken_capacity(subgraph, gemmini(), tiles, 2), "");
      for (const TileAxis axis : tiles.order) {
        GivenTiles larger = tiles;
        if (++larger.of(axis) > whole_sizes(subgraph.shape, GivenTiles()).of(axis)) continue;
        EXPECT_NE(broken_capacity(subgraph, gemmini(), larger, 2), "") << to_string(axis);
      }
    }
  }
}

TEST(GivenTiles, half_tiles_are_those_of_the_library) {
  // 64 to 64 channels over 56x56 with 32 KiB of accumulators: half of them are 256 rows of 16 sums.
  const GivenTiles tiles = half_tiles(layer(64, 64, 56, 3), gemmini({{"accumulators.size", "32 KiB"}}));
  EXPECT_EQ(tiles.of(TileAxis::kRows), 16);
  EXPECT_EQ(tiles.of(TileAxis::kColumns), 16);
  EXPECT_EQ(tiles.of(TileAxis::kOutChannels), 16);
  EXPECT_EQ(tiles.of(TileAxis::kInChannels), 64);
}

TEST(GivenTiles, a_mapping_says_tiles_and_loops) {
  const GivenTiles tiles = parse_mapping(
      "L3[WIO] Q14 P2 - L2[WI] N1 K16X - L1[O] K4 S3 R3 C4 Q2 P2 C16X - L0[W] Q2 P14", layer(64, 64, 56, 3).shape);
  EXPECT_EQ(tiles.of(TileAxis::kRows), 4);
  EXPECT_EQ(tiles.of(TileAxis::kColumns), 28);
  EXPECT_EQ(tiles.of(TileAxis::kOutChannels), 64);
  EXPECT_EQ(tiles.of(TileAxis::kInChannels), 64);
  EXPECT_EQ(tiles.order[4], TileAxis::kRows);
  EXPECT_EQ(tiles.order[5], TileAxis::kColumns);
}

TEST(GivenTiles, a_mapping_that_is_none_is_refused) {
  const SubgraphShape shape = layer(64, 64, 56, 3).shape;
  for (const char* const text :
       {"", "L3[WIO] K2", "K2 - L2[WI] K32", "L3[WIO] Z2 - L2[WI] K32", "L3[WIO] K0 - L2[WI] K32",
        "L3[WIO] K2 K2 - L2[WI] K16", "L3[WIO] K2 - L2[WI] K16X", "L3[WIO] K2 - L2[WI] K99999999999"}) {
    EXPECT_THROW(parse_mapping(text, shape), Error) << text;
  }
}

// What nobody asks for changes nothing: plans of engines without the new keys are as they were.
TEST(GivenTiles, searched_plans_have_no_requests) {
  const TilePlan plan = plan_tiles(layer(64, 64, 28, 3), engine::load_engine("hwconfigs/ne-256.yaml").config);
  for (const TileStep& step : plan.steps) {
    EXPECT_EQ(step.input_load.request_cycles, 0);
    EXPECT_EQ(step.columns, 0);
  }
}

}  // namespace
}  // namespace lanewise::mapping
