// SPDX-License-Identifier: Apache-2.0
// Engines that compute patches of output pixels, and weights that come a few bits at a time.
#include <gtest/gtest.h>

#include <utility>

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

// `heads` products of `tokens` x `depth` and `depth` x `outputs` matrices.
Subgraph product(std::int64_t heads, std::int64_t tokens, std::int64_t depth, std::int64_t outputs) {
  Subgraph s = convolution(heads * depth, heads * outputs, 1, 1);
  s.shape.family = SubgraphFamily::kMatMul;
  s.shape.groups = heads;
  s.shape.in_height = s.shape.out_height = tokens;
  return s;
}

TEST(Patches, heads_of_an_attention_come_one_after_the_other) {
  // Two heads of 64 over 72 tokens: two full patches; 32, 32 and 8 outputs; two blocks of 32 channels.
  const TilePlan plan = plan_tiles(product(2, 72, 64, 72), engine_of());
  ASSERT_EQ(plan.steps.size(), 2u * 3 * 2 * 2);
  std::int64_t input = 0, weights = 0, stored = 0, macs = 0;
  for (const TileStep& step : plan.steps) {
    EXPECT_EQ(step.pixels, 36);
    EXPECT_EQ(step.blocks, 1);
    EXPECT_EQ(step.groups, 1);
    input += step.input_load.dram_bytes;
    weights += step.weight_load.dram_bytes;
    stored += step.store.dram_bytes;
    macs += step.macs;
  }
  EXPECT_EQ(input, 24 * 36 * 32);
  EXPECT_EQ(weights, 2 * 72 * 64);  // both blocks' have room: they come once for both patches
  EXPECT_EQ(stored, 2 * 3 * 2 * 36 * 32);
  EXPECT_EQ(macs, 2 * 72 * 72 * 64);
  EXPECT_EQ(plan.weight_slots, 2);
}

TEST(Patches, weights_that_do_not_stay_come_again_for_each_patch) {
  // A block's weights take 1 KiB, the banks hold 16 of 64 blocks.
  const TilePlan plan = plan_tiles(product(1, 72, 2048, 32), engine_of());
  EXPECT_EQ(plan.weight_slots, 1);
  EXPECT_EQ(plan.dram_read.count(), 2 * 64 * (36 * 32 + 32 * 32));
}

TEST(Patches, groups_larger_than_a_block_take_their_channels_in_turn) {
  Subgraph s = convolution(96, 80, 12, 3);  // two groups of 48 -> 40 channels
  s.shape.family = SubgraphFamily::kGrouped;
  s.shape.groups = 2;
  const TilePlan plan = plan_tiles(s, engine_of());
  EXPECT_EQ(plan.tile_rows, 6);
  ASSERT_EQ(plan.steps.size(), 2u * 2 * 4 * 2);  // groups, outputs, patches, channels
  std::int64_t macs = 0;
  for (const TileStep& step : plan.steps) {
    EXPECT_EQ(step.input_load.dram_bytes, 64 * 32);
    macs += step.macs;
  }
  EXPECT_EQ(macs, s.shape.macs());
}

TEST(Patches, tokens_fill_them_whichever_way_they_lie) {
  Subgraph upright = convolution(32, 32, 1, 1);
  upright.shape.in_height = upright.shape.out_height = 100;
  Subgraph lying = upright;
  std::swap(lying.shape.in_height, lying.shape.in_width);
  std::swap(lying.shape.out_height, lying.shape.out_width);
  Subgraph images = convolution(32, 32, 1, 1);
  images.shape.family = SubgraphFamily::kFullyConnected;
  images.shape.batch = 100;
  for (const Subgraph& s : {upright, lying, images}) {
    const TilePlan plan = plan_tiles(s, engine_of());
    ASSERT_EQ(plan.steps.size(), 3u);
    EXPECT_EQ(plan.steps[0].pixels, 36);
    EXPECT_EQ(plan.steps[2].pixels, 100 - 2 * 36);
    EXPECT_EQ(plan.dram_write.count(), 100 * 32);  // no idle pixel lies between the last and the first of two rows
  }
}

TEST(Patches, keep_their_rows_where_folding_saves_no_patch_or_changes_the_result) {
  Subgraph s = convolution(32, 32, 1, 1);
  s.shape.in_height = s.shape.out_height = 4;
  EXPECT_EQ(plan_tiles(s, engine_of()).dram_write.count(), (3 * 6 + 1) * 32);  // a column of the one patch
  // A kernel of 3 needs its neighbours in place.
  Subgraph window = convolution(32, 32, 1, 1);
  window.shape.in_width = window.shape.out_width = 36;
  window.shape.window.kernel[1] = 3;
  window.shape.window.pad_begin[1] = window.shape.window.pad_end[1] = 1;
  EXPECT_EQ(plan_tiles(window, engine_of()).steps.size(), 6u);
  // Values per channel are others for each image.
  Subgraph images = convolution(32, 32, 1, 1);
  images.shape.batch = 36;
  images.shape.operand = FusedOperand::kPerChannel;
  EXPECT_EQ(plan_tiles(images, engine_of()).steps.size(), 36u);
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
