// SPDX-License-Identifier: Apache-2.0
// Cycles of layers on an engine that computes patches, each counted by hand.
#include <gtest/gtest.h>

#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"
#include "tests/sim/small_engine.hpp"

namespace lanewise {
namespace {

using testing::unit;

record::Measurement measured(const std::string& shape, const std::string& weights,
                             std::vector<engine::Override> overrides = {}) {
  overrides.insert(overrides.begin(), {{"engine.weight_word_cycles", "1"},
                                       {"dram.latency", "3 ns"},
                                       {"post_processing.atom_overhead_cycles", "14"},
                                       {"post_processing.latency_cycles", "10"}});
  const engine::EngineConfig engine = engine::load_engine("hwconfigs/neureka.yaml", overrides).config;
  const mapping::Subgraph s = mapping::parse_subgraph_key(
      shape + " bias=0 act=none operand=none pool=- n=1 prec=int8/" + weights + "/int8 at=dram/dram/dram resident=0");
  return sim::simulate(mapping::plan_tiles(s, engine), s, engine);
}

const char* const kPointwise = "family=convolution b=1 in=32x4x4 out=32x4x4 w=1x1/1x1/1x1/0,0,0,0 g=1";
const char* const kDeep = "family=convolution b=1 in=64x4x4 out=32x4x4 w=1x1/1x1/1x1/0,0,0,0 g=1";

TEST(Patches, pointwise_convolution_of_one_patch) {
  // 39   first data (latency 3), 36 pixels of 32 B, one a cycle
  // 71   32 output channels, one a cycle
  // 73   memory latency (1) and pipeline (1)
  // 95   32 sums of each pixel, 4 a cycle, and 14 beside them
  // 105  post-processor's pipeline (10)
  // 127  (4 - 1) x 6 + 4 pixels of 32 B
  const record::Measurement m = measured(kPointwise, "int8");
  EXPECT_EQ(m.latency.count(), 127);
  EXPECT_EQ(m.macs, 16 * 32 * 32);
  EXPECT_EQ(m.dram_read.count(), 36 * 32);
  EXPECT_EQ(m.dram_write.count(), 22 * 32);
  EXPECT_EQ(unit(m, "dot_product_array").busy.count(), 32);
  EXPECT_EQ(unit(m, "post_processor").busy.count(), 22);
  // Bits lie across the nine taps: fewer of them gain nothing.
  EXPECT_EQ(measured(kPointwise, "int2").latency.count(), 127);
}

TEST(Patches, weights_of_three_by_three_come_bit_by_bit) {
  // 67 8x8 pixels; 16 channels x 4 bits: 131; 133 in the post-processor; 16 / 4 + 14 cycles: 151; 161; (5 - 1) x 6 + 5
  // pixels: 190.
  const char* const shape = "family=convolution b=1 in=32x5x5 out=16x5x5 w=3x3/1x1/1x1/1,1,1,1 g=1";
  EXPECT_EQ(measured(shape, "int4").latency.count(), 190);
  EXPECT_EQ(measured(shape, "int8").latency.count(), 190 + 16 * 4);
  EXPECT_EQ(measured(shape, "int6").latency.count(), 190 + 16 * 2);
}

TEST(Patches, depthwise_convolution_takes_its_channels_at_once) {
  // 67 8x8 pixels; 99 prepared (32); 107 eight bits; 109; 131 drained; 141; 36 pixels: 177.
  const char* const shape = "family=depthwise b=1 in=32x6x6 out=32x6x6 w=3x3/1x1/1x1/1,1,1,1 g=32";
  EXPECT_EQ(measured(shape, "int8").latency.count(), 177);
}

TEST(Patches, take_turns_at_the_port_unless_inputs_are_prefetched) {
  // 71 as above; the second half of the channels is asked for then: 74, 110; 142; 144, 166, 176; 198.
  EXPECT_EQ(measured(kDeep, "int8").latency.count(), 198);
  // Prefetched, it is asked for once the first half is there: 39, 42, 78; 110; 112, 134, 144; 166.
  EXPECT_EQ(measured(kDeep, "int8", {{"dma.prefetch_input", "true"}}).latency.count(), 166);
}

TEST(Patches, weights_that_stall_hold_the_array) {
  EXPECT_EQ(measured(kPointwise, "int8", {{"engine.weight_word_cycles", "1.5"}}).latency.count(), 127 + 16);
}

}  // namespace
}  // namespace lanewise
