// SPDX-License-Identifier: Apache-2.0
// Engines that compute patches of output pixels, and weights that come a few bits at a time.
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/plan_tiles.hpp"

namespace lanewise::mapping {
namespace {

engine::EngineConfig engine_of(const std::vector<engine::Override>& overrides = {}) {
  return engine::load_engine("hwconfigs/neureka.yaml", overrides).config;
}

Subgraph convolution(std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t kernel,
                     Precision weights = Precision::kInt8, bool depthwise = false) {
  Subgraph s;
  s.name = "layer";
  s.shape.family = depthwise ? SubgraphFamily::kDepthwise : SubgraphFamily::kConvolution;
  s.shape.in_channels = in;
  s.shape.out_channels = out;
  s.shape.groups = depthwise ? in : 1;
  s.shape.in_height = s.shape.in_width = s.shape.out_height = s.shape.out_width = size;
  for (int axis = 0; axis < 2; ++axis) {
    s.shape.window.kernel[axis] = kernel;
    s.shape.window.pad_begin[axis] = s.shape.window.pad_end[axis] = kernel / 2;
  }
  s.shape.weight_precision = weights;
  return s;
}

double patch_cycles(const Subgraph& s, std::int64_t outputs, const std::vector<engine::Override>& overrides = {}) {
  std::vector<engine::Override> all{{"engine.weight_word_cycles", "1"}};
  all.insert(all.end(), overrides.begin(), overrides.end());
  return block_cycles(array_work(s.shape, engine_of(all)), 36, outputs);
}

TEST(SerialWeights, take_a_cycle_a_bit_and_output_channel) {
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 3), 32), 32 * 8);
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 3, Precision::kInt6), 32), 32 * 6);
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 3, Precision::kInt2), 32), 32 * 2);
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 3), 5), 5 * 8);
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 3), 32, {{"engine.serial_weight_bits", "3"}}), 32 * 3);
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 3), 32, {{"engine.serial_weight_bits", "0"}}), 32);
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 3), 32, {{"engine.outputs_at_once", "4"}}), 8 * 8);
}

// Nine sets of taps: of a pointwise kernel each takes a bit.
TEST(SerialWeights, idle_taps_take_further_bits) {
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 1), 32), 32);
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 1, Precision::kInt2), 32), 32);
  EXPECT_EQ(patch_cycles(convolution(32, 32, 6, 1), 32, {{"engine.taps_at_once", "4"}}), 32 * 2);
  EXPECT_EQ(array_work(convolution(96, 32, 6, 1).shape, engine_of()).blocks, 3);
  EXPECT_EQ(array_work(convolution(96, 32, 6, 3).shape, engine_of()).blocks, 3);
  EXPECT_EQ(array_work(convolution(96, 32, 6, 5).shape, engine_of()).blocks, 9);  // 25 taps, nine at a time
}

TEST(SerialWeights, depthwise_takes_all_channels_of_a_group_at_once) {
  const Subgraph s = convolution(80, 80, 6, 3, Precision::kInt4, true);
  const ArrayWork work = array_work(s.shape, engine_of());
  EXPECT_EQ(work.groups, 3);
  EXPECT_EQ(work.blocks, 1);
  EXPECT_EQ(work.preparation.count(), 32);
  EXPECT_EQ(patch_cycles(s, 32), 4);
}

TEST(SerialWeights, words_that_stall_stretch_the_work) {
  const ArrayWork work = array_work(convolution(32, 32, 6, 3).shape, engine_of());
  EXPECT_DOUBLE_EQ(block_cycles(work, 36, 32), 256 * 1.444);
}

TEST(Patches, take_as_long_however_few_their_pixels) {
  const ArrayWork work = array_work(convolution(32, 32, 7, 1).shape, engine_of({{"engine.weight_word_cycles", "1"}}));
  EXPECT_EQ(block_cycles(work, 1, 32), 32);
  EXPECT_EQ(block_cycles(work, 36, 32), 32);
  EXPECT_EQ(block_cycles(work, 37, 32), 64);
  EXPECT_EQ(drain_cycles(work, 1, 32), drain_cycles(work, 36, 32));
  EXPECT_LT(drain_cycles(work, 36, 16), drain_cycles(work, 36, 32));
}

TEST(Patches, are_the_tiles) {
  const TilePlan plan = plan_tiles(convolution(48, 40, 7, 3), engine_of());
  ASSERT_EQ(plan.steps.size(), 4u * 2 * 2);  // patches, input channels, output channels
  for (const TileStep& step : plan.steps) {
    EXPECT_EQ(step.input_load.dram_bytes, 64 * 32);  // 8 x 8 pixels, whole, whatever lies on the map
    EXPECT_EQ(step.weight_load.bytes, 0);            // they lie where the array reads them
    EXPECT_EQ(step.groups, 1);
    EXPECT_EQ(step.blocks, 1);
  }
  // Pixels leave up to the last one in use: of 6x6, 6x1, 1x6 and 1x1 pixels.
  std::vector<std::int64_t> words;
  for (std::size_t i = 1; i < 8; i += 2) words.push_back(plan.steps[i].store.dram_bytes / 32);
  EXPECT_EQ(words, (std::vector<std::int64_t>{36, 31, 6, 1}));
  std::int64_t macs = 0;
  for (const TileStep& step : plan.steps) macs += step.macs;
  EXPECT_EQ(macs, 49 * 9 * 48 * 40);
}

TEST(Patches, without_prefetch_take_turns_at_the_port) {
  const Subgraph s = convolution(32, 32, 12, 1);
  std::string order;
  for (const DmaEntry& entry : plan_tiles(s, engine_of()).dma) order += entry.kind == TransferKind::kInput ? 'i' : 's';
  EXPECT_EQ(order, "isisisis");
  const TilePlan ahead = plan_tiles(s, engine_of({{"dma.prefetch_input", "true"}}));
  EXPECT_EQ(ahead.input_slots, 2);
  EXPECT_EQ(ahead.dma[1].kind, TransferKind::kInput);
}

TEST(Patches, become_smaller_where_their_input_does_not_fit) {
  const engine::EngineConfig small = engine_of({{"memory.activation_banks", "1"}});  // 64 pixels of 32 channels
  EXPECT_EQ(plan_tiles(convolution(32, 32, 12, 3), small).tile_rows, 6);
  const TilePlan plan = plan_tiles(convolution(32, 32, 12, 5), small);
  EXPECT_EQ(plan.tile_rows, 4);
  EXPECT_EQ(plan.tile_columns, 4);
  EXPECT_THROW(plan_tiles(convolution(32, 32, 12, 9), small), Error);
}

TEST(Patches, of_strided_convolutions_hold_every_second_pixel) {
  Subgraph s = convolution(32, 32, 12, 3);
  s.shape.window.stride[0] = s.shape.window.stride[1] = 2;
  s.shape.out_height = s.shape.out_width = 6;
  const TilePlan plan = plan_tiles(s, engine_of());
  EXPECT_EQ(plan.tile_rows, 3);
  EXPECT_EQ(plan.steps.size(), 4u);
}

TEST(Patches, are_refused_where_they_make_no_sense) {
  const auto message = [](const std::string& key, const std::string& value) -> std::string {
    try {
      engine_of({{key, value}});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message("engine.patch_rows", "0").find("must both be 0 or both above 0"), std::string::npos);
  EXPECT_NE(message("engine.patch_rows", "7").find("must hold a patch's"), std::string::npos);
  EXPECT_NE(message("dma.kind", "streams").find("patches need dma.kind: tiles"), std::string::npos);
  try {
    engine::load_engine("hwconfigs/ne-256.yaml", {{"engine.weight_word_cycles", "1.5"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("must be 1 where pixels take turns"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace lanewise::mapping
