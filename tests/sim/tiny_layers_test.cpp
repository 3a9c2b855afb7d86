// SPDX-License-Identifier: Apache-2.0
// Cycles of layers so small that every one of them can be counted by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/simulate.hpp"
#include "tests/sim/small_engine.hpp"

namespace lanewise {
namespace {

using testing::small_engine;
using testing::stall;
using testing::unit;

// The whole subgraph as one tile, each buffer once.
mapping::TilePlan one_tile(const mapping::Subgraph& s) {
  mapping::TilePlan plan;
  mapping::TileStep step;
  step.pixels = s.shape.out_height * s.shape.out_width;
  step.groups = ceil_div(s.shape.out_channels, 4);
  step.blocks = ceil_div(s.shape.in_channels, 4);
  step.outputs = s.shape.out_channels;
  step.outputs_per_group = std::min<std::int64_t>(4, s.shape.out_channels);
  step.macs = s.shape.macs();
  step.activation_bytes = s.shape.in_channels;
  step.weight_bytes = s.shape.weight_bytes().count();
  step.weight_load = {step.weight_bytes, step.weight_bytes};
  plan.weight_slots = 1;
  plan.dma.push_back({0, mapping::TransferKind::kWeights});
  if (!s.context.input_on_chip) {
    step.input_load = {s.shape.input_bytes().count(), s.shape.input_bytes().count()};
    plan.input_slots = 1;
    plan.dma.push_back({0, mapping::TransferKind::kInput});
  }
  step.post_write_bytes = s.shape.output_bytes().count();
  if (!s.context.output_on_chip) {
    step.store = {step.post_write_bytes, step.post_write_bytes};
    plan.output_slots = 1;
    plan.dma.push_back({0, mapping::TransferKind::kStore});
  }
  plan.stripe_pixels = 32;
  plan.steps.push_back(step);
  return plan;
}

TEST(TinyLayers, pointwise_convolution_of_one_tile) {
  // 10  subgraph decoded, DMA started (12 tile issued)
  // 13  both loads set up (3)
  // 23  first data (latency 10)
  // 27  16 B of weights at 4 B/cycle; 31 then 16 B of input
  // 35  first weights in the array (4)
  // 39  one block of 4 pixels; its first sum is out at 41: memory latency (1) and pipeline (5) after the block began
  // 45  16 elements, 4 a cycle
  // 50  post-processor's pipeline (2), store set up (3)
  // 54  16 B at 4 B/cycle
  const mapping::Subgraph s = testing::convolution(4, 4, 2, 1);
  const record::Measurement m = sim::simulate(one_tile(s), s, small_engine());
  EXPECT_EQ(m.latency.count(), 54);
  EXPECT_EQ(m.macs, 4 * 4 * 4);
  EXPECT_EQ(m.dram_read.count(), 32);
  EXPECT_EQ(m.dram_write.count(), 16);
  EXPECT_EQ(unit(m, "dot_product_array").busy.count(), 4);
  EXPECT_EQ(unit(m, "post_processor").busy.count(), 4);
  EXPECT_EQ(unit(m, "dram").busy.count(), 12);
  // Twice the bandwidth saves 2 cycles per transfer, and no other resource more than the 5 of half the latency.
  EXPECT_EQ(m.bound_by, "dram");
  EXPECT_DOUBLE_EQ(m.gains[engine::Resource::kDram], 6);
  EXPECT_DOUBLE_EQ(m.gains[engine::Resource::kDramLatency], 5);
  EXPECT_EQ(m.timestamps.load_enabled.count(), 10);
  EXPECT_EQ(m.timestamps.weights_loaded.count(), 27);
  EXPECT_EQ(m.timestamps.inputs_loaded.count(), 31);
  EXPECT_EQ(m.timestamps.first_mac.count(), 35);
  EXPECT_EQ(m.timestamps.last_mac.count(), 39);
  EXPECT_EQ(m.timestamps.done.count(), 54);
}

TEST(TinyLayers, the_post_processor_drains_one_group_while_the_array_computes_the_next) {
  // 31 32 B of weights, 35 then the input, 39 the first weights in the array; groups computed at 43 and 47; their first
  // sums at 45 and 49, drained at 49 and 53; stored from 53 + 2 + 3 = 58 in 8 cycles.
  const mapping::Subgraph s = testing::convolution(4, 8, 2, 1);
  EXPECT_EQ(sim::simulate(one_tile(s), s, small_engine()).latency.count(), 66);
}

TEST(TinyLayers, a_partly_filled_group_costs_as_much) {
  // As above, but the second group has one output channel: 20 B of weights at 28, 32 the input, 36 the first weights in
  // the array, groups computed at 40 and 44 (loading the weights of four dot products takes 4 cycles, whatever they are
  // needed for), first sums at 42 and 46, drained at 46 and 50; 20 B stored from 55 in 5 cycles.
  const mapping::Subgraph s = testing::convolution(4, 5, 2, 1);
  EXPECT_EQ(sim::simulate(one_tile(s), s, small_engine()).latency.count(), 60);
}

TEST(TinyLayers, a_slow_post_processor_stalls_the_array_on_accumulators) {
  // Four groups of 4 pixels; each takes the array 4 cycles and a post-processor of width 1 16 cycles. Room for 8 atoms:
  // the third group waits for the first to be drained.
  engine::EngineConfig e = small_engine();
  e.post_processing.width = 1;
  e.accumulators.size = Bytes(8 * 4 * 4);
  const mapping::Subgraph s = testing::convolution(4, 16, 2, 1);
  // 23 + 16 weights + 4 input = 43; 47 the first weights in the array. Groups end at 51 and 55; their first sums at 53
  // and 57; drained at 69 and 85. The third begins at 69, first sum at 75, drained from 85 to 101; the fourth at 85,
  // 91, drained at 117; 119, store set up at 122, 64 B at 138.
  const record::Measurement m = sim::simulate(one_tile(s), s, e);
  EXPECT_EQ(m.latency.count(), 138);
  EXPECT_EQ(unit(m, "dot_product_array").busy.count(), 16);
  EXPECT_EQ(stall(m, "dot_product_array", "accumulators"), (69 - 55) + (85 - 73));
}

TEST(TinyLayers, room_in_the_accumulators_comes_back_atom_by_atom) {
  // As above with room for 6 atoms: 2 are left when the second group comes, and the first group's second atom has left
  // at 53 + 2 x 4 = 61. The third needs what the first had last and two of the second's: 69 + 8 = 77. The fourth: 93.
  engine::EngineConfig e = small_engine();
  e.post_processing.width = 1;
  e.accumulators.size = Bytes(6 * 4 * 4);
  e.array.longest_stripe = 4;
  const mapping::Subgraph s = testing::convolution(4, 16, 2, 1);
  const record::Measurement m = sim::simulate(one_tile(s), s, e);
  EXPECT_EQ(stall(m, "dot_product_array", "accumulators"), (61 - 51) + (77 - 65) + (93 - 81));
  // The post-processor never waits: 53 + 64, then 2 + 3 + 16.
  EXPECT_EQ(m.latency.count(), 138);
}

TEST(TinyLayers, stripes_are_the_longest_then_the_second_then_what_is_left) {
  // 25 pixels with stripes of 8, 4: two longest (25, 17 left: at least 16), 9 left: one second, 5 left: one of 5. Two
  // blocks each; loading the next block's weights takes 5 cycles with 5 dot products: the second stripe's blocks
  // last 5.
  engine::EngineConfig e = small_engine();
  e.array.longest_stripe = 8;
  e.array.second_stripe = 4;
  e.array.parallelism_factor = 5;
  const mapping::Subgraph s = testing::convolution(8, 5, 5, 1);
  mapping::TilePlan plan = one_tile(s);
  plan.steps[0].groups = 1;
  plan.steps[0].outputs_per_group = 5;
  const record::Measurement m = sim::simulate(plan, s, e);
  EXPECT_EQ(unit(m, "dot_product_array").busy.count(), 2 * (8 + 8 + 4 + 5));
  EXPECT_EQ(stall(m, "dot_product_array", "weight_load"), 5 + 2 * 1);  // the first, and behind the short stripe
}

TEST(TinyLayers, addition_alone) {
  // 10 DMA started; input and operand share a channel: set up at 13 and 16, answered at 23 and 26; 27 the input, 31 the
  // operand; 35 16 elements, 4 a cycle; 40 pipeline (2) and set-up (3); 44 stored
  const mapping::Subgraph s = testing::addition(4, 2);
  mapping::TilePlan plan;
  mapping::TileStep step;
  step.input_load = step.operand_load = step.store = {16, 16};
  step.post_elements = 16;
  step.post_read_bytes = 32;
  step.post_write_bytes = 16;
  plan.uses_array = false;
  plan.input_slots = plan.operand_slots = plan.output_slots = 1;
  plan.steps.push_back(step);
  plan.dma = {
      {0, mapping::TransferKind::kInput}, {0, mapping::TransferKind::kOperand}, {0, mapping::TransferKind::kStore}};
  const record::Measurement m = sim::simulate(plan, s, small_engine());
  EXPECT_EQ(m.latency.count(), 44);
  EXPECT_EQ(m.macs, 0);
}

TEST(TinyLayers, input_and_output_on_chip_need_no_transfers_but_weights) {
  // 10 started, 13 set up, 23 first data, 27 the weights' 16 B at 4 B/cycle, 31 in the array; 37 first sum; 41 drained;
  // 43 written
  mapping::Subgraph s = testing::convolution(4, 4, 2, 1);
  s.context.input_on_chip = s.context.output_on_chip = true;
  s.context.resident_banks = 2;
  const record::Measurement m = sim::simulate(one_tile(s), s, small_engine());
  EXPECT_EQ(m.latency.count(), 43);
  EXPECT_EQ(m.dram_bytes().count(), 16);
}

TEST(TinyLayers, narrow_layers_wait_for_weight_loading) {
  // One pixel a block, but loading the next block's four kernels takes four cycles: 16 blocks x 4.
  const mapping::Subgraph s = testing::convolution(64, 4, 1, 1);
  const record::Measurement m = sim::simulate(one_tile(s), s, small_engine());
  EXPECT_EQ(unit(m, "dot_product_array").busy.count(), 16);
  EXPECT_EQ(stall(m, "dot_product_array", "weight_load"), 4 + 16 * 3);  // the first, and behind each block
  // Twice as fast, the first take 2 cycles less, and so does each block but the last, whose sums do not wait for more.
  EXPECT_DOUBLE_EQ(m.gains[engine::Resource::kWeightLoad], 2 + 15 * 2);
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
  const mapping::Subgraph s = testing::convolution(4, 4, 2, 1);
  const record::Measurement m = sim::simulate(one_tile(s), s, e);
  // 64 MACs; on-chip reads: 4 pixels x 4 B, 16 B of weights, 16 B stored; writes: 32 B loaded, 16 B of output;
  // 16 sums read and written at 4 B; 48 B of DRAM; 16 elements; 20 mW/mm2 over the latency.
  const double leakage = e.leakage_power().count() * 54e-9 * 1e9;
  EXPECT_NEAR(m.energy.count(), 64 * 0.1 + 48 * 0.5 + 48 * 0.5 + 16 * 8 * 0.05 + 48 * 100 + 16 * 0.2 + leakage, 1e-9);
  using Term = record::EnergyTerm;
  EXPECT_NEAR(m.energy_parts[Term::kMacs].count(), 64 * 0.1, 1e-9);
  EXPECT_NEAR(m.energy_parts[Term::kActivationReads].count(), (16 + 16) * 0.5, 1e-9);
  EXPECT_NEAR(m.energy_parts[Term::kWeightReads].count(), 16 * 0.5, 1e-9);
  EXPECT_NEAR(m.energy_parts[Term::kActivationWrites].count(), (16 + 16) * 0.5, 1e-9);
  EXPECT_NEAR(m.energy_parts[Term::kWeightWrites].count(), 16 * 0.5, 1e-9);
  EXPECT_NEAR(m.energy_parts[Term::kAccumulators].count(), 16 * 8 * 0.05, 1e-9);
  EXPECT_NEAR(m.energy_parts[Term::kPostProcessing].count(), 16 * 0.2, 1e-9);
  EXPECT_NEAR(m.energy_parts[Term::kDram].count(), 48 * 100, 1e-9);
  EXPECT_NEAR(m.energy_parts[Term::kLeakage].count(), leakage, 1e-9);
  EXPECT_EQ(m.energy_parts[Term::kDramInterface].count(), 0);
  EXPECT_EQ(m.sram_read.count(), 48);
  EXPECT_EQ(m.sram_write.count(), 48);
}

// The interface to DRAM draws its power for as long as the subgraph takes, on top of everything else.
TEST(TinyLayers, the_dram_interface_draws_by_bandwidth_and_time) {
  engine::EngineConfig e = small_engine();
  const mapping::Subgraph s = testing::convolution(4, 4, 2, 1);
  const record::Measurement without = sim::simulate(one_tile(s), s, e);
  e.energy.dram_interface = Milliwatts(2.5);
  const record::Measurement with = sim::simulate(one_tile(s), s, e);
  const double expected = 2.5 * e.dram.bandwidth.count() / 1e9 * e.seconds(with.latency).count() * 1e9;
  EXPECT_GT(expected, 0);
  EXPECT_EQ(with.latency, without.latency);
  EXPECT_NEAR(with.energy_parts[record::EnergyTerm::kDramInterface].count(), expected, 1e-9);
  EXPECT_NEAR((with.energy - without.energy).count(), expected, 1e-9);
  // Its area leaks nothing: that power is in the key above.
  e.area.dram_interface = SquareMillimetres(1);
  EXPECT_EQ(sim::simulate(one_tile(s), s, e).energy, with.energy);
}

}  // namespace
}  // namespace lanewise
