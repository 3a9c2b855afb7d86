// SPDX-License-Identifier: Apache-2.0
// Cycles of layers so small that every one of them can be counted by hand.
#include <gtest/gtest.h>

#include "sim/simulate.hpp"
#include "small_engine.hpp"

namespace lanewise {
namespace {

using testing::small_engine;

const record::UnitTime& unit(const record::Measurement& m, const std::string& name) {
  for (const record::UnitTime& u : m.units) {
    if (u.unit == name) return u;
  }
  throw std::runtime_error("no unit " + name);
}

TEST(TinyLayers, pointwise_convolution_of_one_tile) {
  // 12  pass decoded (10), tile issued (2)
  // 15  both loads set up (3)
  // 25  first data (latency 10); 16 B of weights and 16 B of input share 4 B/cycle
  // 33  both on chip
  // 41  first weights into the array (4), one block of 4 pixels (4)
  // 47  last sum out of memory latency (1) and pipeline (5)
  // 51  16 elements, 4 a cycle
  // 56  post-processor's pipeline (2), store set up (3)
  // 60  16 B at 4 B/cycle
  const mapping::Subgraph s = testing::convolution(4, 4, 2, 1);
  const record::Measurement m = sim::simulate(s, small_engine());
  EXPECT_EQ(m.latency.count(), 60);
  EXPECT_EQ(m.macs, 4 * 4 * 4);
  EXPECT_EQ(m.dram_read.count(), 32);
  EXPECT_EQ(m.dram_write.count(), 16);
  EXPECT_EQ(unit(m, "dot_product_array").busy.count(), 4);
  EXPECT_EQ(unit(m, "post_processor").busy.count(), 4);
  EXPECT_EQ(unit(m, "dram").busy.count(), 12);
  EXPECT_EQ(m.bound_by, "latency");
}

TEST(TinyLayers, two_output_groups_keep_the_array_busy) {
  // As above with 32 B of weights: input complete at 33, weights at 33 + 16 / 4 = 37; two groups of one block each:
  // 37 + 4 + 4 = 45 and 49; sums at 51 and 55; drained at 55 and 59; stored from 59 + 2 + 3 = 64 in 8 cycles.
  const mapping::Subgraph s = testing::convolution(4, 8, 2, 1);
  mapping::TilePlan plan = mapping::plan_tiles(s, small_engine());
  if (plan.steps.size() != 1) GTEST_SKIP() << "the planner cuts this layer";
  EXPECT_EQ(sim::simulate(plan, s, small_engine()).latency.count(), 72);
}

TEST(TinyLayers, addition_alone) {
  // 12 issued, 15 set up (one channel for the input, the operand shares it: its set-up follows at 18)
  // 25 first input byte, 29 input in; the operand's latency is over at 28, its 16 B are in at 33
  // 37 16 elements, 4 a cycle; 42 pipeline (2) and set-up (3); 46 stored
  const record::Measurement m = sim::simulate(testing::addition(4, 2), small_engine());
  EXPECT_EQ(m.latency.count(), 46);
  EXPECT_EQ(m.macs, 0);
}

TEST(TinyLayers, input_and_output_on_chip_need_no_transfers_but_weights) {
  // 12 issued, 15 set up, 25 first data, 29 the weights' 16 B at 4 B/cycle; 37 array; 43 sums; 47 drained; 49 written
  mapping::Subgraph s = testing::convolution(4, 4, 2, 1);
  s.context.input_on_chip = s.context.output_on_chip = true;
  s.context.resident_banks = 2;
  const record::Measurement m = sim::simulate(s, small_engine());
  EXPECT_EQ(m.latency.count(), 49);
  EXPECT_EQ(m.dram_bytes().count(), 16);
}

TEST(TinyLayers, narrow_layers_wait_for_weight_loading) {
  // One pixel a block, but loading the next block's four kernels takes four cycles: 16 blocks x 4.
  mapping::Subgraph s = testing::convolution(64, 4, 1, 1);
  const record::Measurement m = sim::simulate(s, small_engine());
  EXPECT_EQ(unit(m, "dot_product_array").busy.count(), 64);
}

TEST(TinyLayers, precision_changes_the_rate_of_the_array) {
  mapping::Subgraph s = testing::convolution(16, 16, 8, 1);
  const std::int64_t int8 = unit(sim::simulate(s, small_engine()), "dot_product_array").busy.count();
  s.shape.input_precision = s.shape.weight_precision = s.shape.output_precision = Precision::kInt16;
  const std::int64_t int16 = unit(sim::simulate(s, small_engine()), "dot_product_array").busy.count();
  EXPECT_EQ(int8, 4 * 4 * 64);
  EXPECT_EQ(int16, 2 * int8);
}

TEST(TinyLayers, energy_is_action_counts_times_the_table) {
  const engine::EngineConfig e = small_engine();
  const record::Measurement m = sim::simulate(testing::convolution(4, 4, 2, 1), e);
  // 64 MACs; on-chip reads: 4 pixels x 4 B, 16 B of weights, 16 B stored; writes: 32 B loaded, 16 B of output;
  // 16 sums read and written at 4 B; 48 B of DRAM; 16 elements; 20 mW/mm2 over the latency.
  const double leakage = e.leakage_power().count() * 60e-9 * 1e9;
  EXPECT_NEAR(m.energy.count(), 64 * 0.1 + 48 * 0.5 + 48 * 0.5 + 16 * 8 * 0.05 + 48 * 100 + 16 * 0.2 + leakage, 1e-9);
  EXPECT_EQ(m.sram_read.count(), 48);
  EXPECT_EQ(m.sram_write.count(), 48);
}

}  // namespace
}  // namespace lanewise
