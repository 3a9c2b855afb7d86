// SPDX-License-Identifier: Apache-2.0
// What streamed subgraphs fetch: whole inputs, or cubes of rows and channels where they do not fit.
#include <gtest/gtest.h>

#include <string>

#include "core/base/error.hpp"
#include "core/mapping/plan_tiles.hpp"

namespace lanewise::mapping {
namespace {

// 8 dot products of 8 lanes, 8 B a word, 4 KiB banks.
engine::EngineConfig engine_with_banks(int activations, int weights) {
  return engine::load_engine("hwconfigs/nvdla-small.yaml", {{"memory.activation_banks", std::to_string(activations)},
                                                            {"memory.weight_banks", std::to_string(weights)}})
      .config;
}

// `channels` -> `outputs` over size x size pixels, "same" padding.
Subgraph convolution(std::int64_t channels, std::int64_t outputs, std::int64_t size, std::int64_t kernel,
                     std::int64_t dilation = 1) {
  Subgraph s;
  s.name = "layer";
  s.shape.in_channels = channels;
  s.shape.out_channels = outputs;
  s.shape.in_height = s.shape.in_width = s.shape.out_height = s.shape.out_width = size;
  for (int axis = 0; axis < 2; ++axis) {
    s.shape.window.kernel[axis] = kernel;
    s.shape.window.dilation[axis] = dilation;
    s.shape.window.pad_begin[axis] = s.shape.window.pad_end[axis] = (kernel - 1) / 2 * dilation;
  }
  return s;
}

std::string refusal(const Subgraph& s, const engine::EngineConfig& e) {
  try {
    plan_tiles(s, e);
  } catch (const Error& error) {
    return error.what();
  }
  return "planned";
}

TEST(CubePlan, an_input_that_fits_is_one_cube_with_a_step_a_kernel_group) {
  // 20 channels in 3 words of 8; 20 outputs in groups of 8, 8 and 4.
  const TilePlan plan = plan_tiles(convolution(20, 20, 10, 3), engine_with_banks(4, 4));
  ASSERT_EQ(plan.cubes.size(), 1u);
  EXPECT_EQ(plan.cubes[0].in_rows, 10);
  EXPECT_EQ(plan.cubes[0].surfaces, 3);
  ASSERT_EQ(plan.cubes[0].steps, 3u);
  EXPECT_EQ(plan.steps[0].outputs, 8);
  EXPECT_EQ(plan.steps[2].outputs, 4);
  EXPECT_EQ(plan.steps[0].blocks, 9 * 3);
  EXPECT_EQ(plan.steps[0].weight_load.bytes, 8 * 9 * 20);
  // 3,600 B of weights, padded to 128 B, in words of 8.
  EXPECT_EQ(plan.cubes[0].weight_beats, 29 * 128 / 8);
  EXPECT_EQ(plan.dram_read.count(), 10 * 10 * 3 * 8 + 29 * 128);
  // Whole atoms are written, also of the group of 4.
  EXPECT_EQ(plan.dram_write.count(), 100 * 3 * 8);
}

TEST(CubePlan, an_input_that_does_not_fit_is_split_by_rows_that_overlap) {
  // One bank of 4 KiB: rows of 32 pixels x 2 words take 512 B, 8 fit. A 3x3 kernel needs 2 more rows than it puts out
  // (one at the borders), so 6 rows at a time: 7, then 8 input rows each, and the last 2 rows need 3.
  const TilePlan plan = plan_tiles(convolution(16, 8, 32, 3), engine_with_banks(1, 1));
  ASSERT_EQ(plan.cubes.size(), 6u);
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < plan.cubes.size(); ++i) {
    EXPECT_EQ(plan.cubes[i].out_rows, i < 5 ? 6 : 2);
    EXPECT_EQ(plan.cubes[i].in_rows, i == 0 ? 7 : i < 5 ? 8 : 3);
    rows += plan.cubes[i].out_rows;
    // Each cube fetches all weights again.
    EXPECT_EQ(plan.cubes[i].weight_beats, 8 * 9 * 16 / 8);
  }
  EXPECT_EQ(rows, 32);
  EXPECT_EQ(plan.dram_write.count(), 32 * 32 * 8);
}

TEST(CubePlan, rows_between_the_taps_of_dilated_kernels_are_not_fetched) {
  // Rows of 512 B, 8 in a bank. Taps 4 rows apart: an output row touches 3 rows; two next to each
  // other 6; three 9, which is one too many.
  const TilePlan plan = plan_tiles(convolution(16, 8, 32, 3, 4), engine_with_banks(1, 1));
  for (const Cube& cube : plan.cubes) {
    EXPECT_LE(cube.in_rows, 8);
    EXPECT_EQ(cube.out_rows, 2);
  }
  EXPECT_EQ(plan.cubes.size(), 16u);
  EXPECT_EQ(plan.cubes[8].in_rows, 6);
}

TEST(CubePlan, depthwise_subgraphs_take_in_as_many_groups_at_a_time_as_fit) {
  // 64 channels of 16 x 16 pixels: a word's worth of channels takes 2 KiB. Two banks hold four of the eight.
  Subgraph s = convolution(64, 64, 16, 3);
  s.shape.family = SubgraphFamily::kDepthwise;
  s.shape.groups = 64;
  const TilePlan plan = plan_tiles(s, engine_with_banks(2, 2));
  ASSERT_EQ(plan.cubes.size(), 2u);
  for (const Cube& cube : plan.cubes) {
    EXPECT_EQ(cube.surfaces, 4);
    EXPECT_EQ(cube.in_rows, 16);
    EXPECT_EQ(cube.steps, 4u);
  }
  // No input twice; a dense group's weights hold the zeros between the channels.
  EXPECT_EQ(plan.dram_read.count(), 64 * 16 * 16 + 64 * 9 * 8);
}

// One row of `width` pixels.
Subgraph line(std::int64_t channels, std::int64_t outputs, std::int64_t width, std::int64_t kernel) {
  Subgraph s = convolution(channels, outputs, 1, 1);
  s.shape.in_width = s.shape.out_width = width;
  s.shape.window.kernel[1] = kernel;
  s.shape.window.pad_begin[1] = s.shape.window.pad_end[1] = (kernel - 1) / 2;
  return s;
}

std::int64_t macs_of(const TilePlan& plan) {
  std::int64_t macs = 0;
  for (const TileStep& step : plan.steps) macs += step.macs;
  return macs;
}

TEST(CubePlan, a_row_that_does_not_fit_is_cut_by_columns_that_overlap) {
  // 400 pixels of 2 words take 6,400 B of a bank of 4 KiB. Two cubes would fit, but not beside each other; of four
  // the next comes while one is computed. A kernel of 3 reads one pixel to either side, except at the ends.
  Subgraph s = line(16, 8, 400, 3);
  s.shape.bias = true;
  const TilePlan plan = plan_tiles(s, engine_with_banks(1, 1));
  ASSERT_EQ(plan.cubes.size(), 4u);
  EXPECT_EQ(plan.tile_columns, 100);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(plan.cubes[i].out_width, 100);
    EXPECT_EQ(plan.cubes[i].in_width, i == 0 || i == 3 ? 101 : 102);
    EXPECT_EQ(plan.cubes[i].weight_beats, 8 * 3 * 16 / 8);
    EXPECT_EQ(plan.cubes[i].waits_for, 0u);
  }
  // Halos as often as they are read; weights and the word of biases once a cube.
  EXPECT_EQ(plan.dram_read.count(), (101 + 102 + 102 + 101) * 16 + 4 * (8 * 3 * 16 + 8));
  EXPECT_EQ(plan.dram_write.count(), 400 * 8);
  EXPECT_EQ(macs_of(plan), 400 * 8 * 16 * 3);
}

TEST(CubePlan, a_reduction_that_does_not_fit_is_cut_by_channels_and_adds_up_partial_sums) {
  // One pixel of 8,192 channels and one kernel of them take 8 KiB each, a bank holds 4. 16 parts of 512 channels leave
  // room for all 8 kernels of a group.
  Subgraph s = line(8192, 8, 1, 1);
  s.shape.bias = true;
  s.shape.operand = FusedOperand::kTensor;
  const TilePlan plan = plan_tiles(s, engine_with_banks(1, 1));
  ASSERT_EQ(plan.cubes.size(), 16u);
  ASSERT_EQ(plan.steps.size(), 16u);
  for (std::size_t part = 0; part < 16; ++part) {
    const Cube& cube = plan.cubes[part];
    EXPECT_EQ(cube.surfaces, 64);
    EXPECT_EQ(cube.sum_bits, part < 15 ? 32 : 8);
    EXPECT_EQ(cube.waits_for, part);  // the part before, and so all before it
    EXPECT_EQ(plan.steps[part].blocks, 64);
    // 8 partial sums of 32 bits; what is added to finished sums comes with the last part: a word of the tensor, and one
    // of biases.
    EXPECT_EQ(plan.steps[part].operand_load.dram_bytes, part == 0 ? 0 : part < 15 ? 32 : 32 + 8 + 8);
  }
  EXPECT_EQ(plan.operand_slots, 2);
  EXPECT_EQ(plan.dram_read.count(), 8192 + 8192 * 8 + 15 * 32 + 8 + 8);
  EXPECT_EQ(plan.dram_write.count(), 15 * 32 + 8);
  EXPECT_EQ(macs_of(plan), 8192 * 8);
}

TEST(CubePlan, parts_of_a_reduction_go_over_all_pixels_before_the_next) {
  const TilePlan plan = plan_tiles(convolution(64, 8, 32, 5), engine_with_banks(1, 16));
  std::size_t of_a_part = 0;
  while (plan.cubes[of_a_part].waits_for == 0) ++of_a_part;
  ASSERT_GT(of_a_part, 1u);
  ASSERT_GT(plan.cubes.size(), of_a_part);
  EXPECT_EQ(plan.cubes.size() % of_a_part, 0u);
  for (std::size_t i = of_a_part; i < plan.cubes.size(); ++i) {
    EXPECT_EQ(plan.cubes[i].waits_for, i - of_a_part + 1);
    EXPECT_EQ(plan.cubes[i].out_rows, plan.cubes[i - of_a_part].out_rows);
    EXPECT_EQ(plan.cubes[i].out_width, plan.cubes[i - of_a_part].out_width);
  }
  EXPECT_EQ(macs_of(plan), 32 * 32 * 8 * 64 * 25);
}

TEST(CubePlan, a_kernel_of_which_not_one_block_fits_is_cut_by_rows) {
  // 40 x 40 pixels of one word take 12,800 B, as do the weights: each part is one of 40 rows of the kernel.
  Subgraph s = convolution(8, 8, 40, 40);
  s.shape.out_height = s.shape.out_width = 1;
  for (int axis = 0; axis < 2; ++axis) s.shape.window.pad_begin[axis] = s.shape.window.pad_end[axis] = 0;
  const TilePlan plan = plan_tiles(s, engine_with_banks(1, 1));
  ASSERT_EQ(plan.cubes.size(), 40u);
  for (const Cube& cube : plan.cubes) EXPECT_EQ(cube.in_rows * cube.in_width, 40);
  EXPECT_EQ(plan.dram_read.count(), 40 * 40 * 8 + 40 * 40 * 8 * 8 + 39 * 32);
  EXPECT_EQ(plan.dram_write.count(), 39 * 32 + 8);
  EXPECT_EQ(macs_of(plan), 40 * 40 * 8 * 8);
}

TEST(CubePlan, groups_come_by_themselves_where_a_row_of_all_does_not_fit) {
  // 100 pixels of 64 channels take 6,400 B of a bank of 4 KiB, those of one of two groups 3,200 B; half of them leave
  // room for the next half.
  Subgraph s = line(64, 32, 100, 1);
  s.shape.family = SubgraphFamily::kMatMul;
  s.shape.groups = 2;
  const TilePlan plan = plan_tiles(s, engine_with_banks(1, 1));
  ASSERT_EQ(plan.cubes.size(), 4u);
  for (const Cube& cube : plan.cubes) {
    EXPECT_EQ(cube.surfaces, 4);
    EXPECT_EQ(cube.in_width, 50);
    EXPECT_EQ(cube.weight_beats, 16 * 32 / 8);
  }
  EXPECT_EQ(plan.dram_read.count(), 100 * 64 + 4 * 16 * 32);
  EXPECT_EQ(macs_of(plan), 100 * 32 * 32);
}

TEST(CubePlan, errors_name_engine_subgraph_and_what_does_not_fit) {
  // Four groups of 1,024 channels share 4,096 lanes: a block of one pixel takes four times the only bank.
  const engine::EngineConfig wide =
      engine::load_engine("hwconfigs/nvdla-small.yaml", {{"engine.dot_product_lanes", "4096"},
                                                         {"memory.activation_banks", "1"},
                                                         {"memory.weight_banks", "1"},
                                                         {"memory.bank_size", "1 KiB"}})
          .config;
  Subgraph s = line(4096, 4, 4, 1);
  s.shape.family = SubgraphFamily::kGrouped;
  s.shape.groups = 4;
  EXPECT_EQ(
      refusal(s, wide),
      "engine nvdla-small: subgraph 'layer' (grouped) does not fit: not even one block of the reduction under one "
      "kernel element has room in 1024 B for activations and 1024 B for weights");
  // The same channels as one group are cut.
  s.shape.family = SubgraphFamily::kConvolution;
  s.shape.groups = 1;
  EXPECT_EQ(refusal(s, wide), "planned");
}

}  // namespace
}  // namespace lanewise::mapping
