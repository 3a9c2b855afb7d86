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

TEST(CubePlan, errors_name_engine_subgraph_and_what_does_not_fit) {
  EXPECT_EQ(
      refusal(convolution(512, 8, 8, 3), engine_with_banks(16, 1)),
      "engine nvdla-small: subgraph 'layer' (convolution) does not fit: one kernel's weights take 4608 B, the weight "
      "banks hold 4096 B");
  EXPECT_EQ(
      refusal(convolution(64, 8, 32, 5), engine_with_banks(1, 16)),
      "engine nvdla-small: subgraph 'layer' (convolution) does not fit: the 5 input rows of one output row do not "
      "fit the activation banks, which hold 2");
}

}  // namespace
}  // namespace lanewise::mapping
