// SPDX-License-Identifier: Apache-2.0
// Cycles of streamed layers so small that every one of them can be counted by hand.
#include <gtest/gtest.h>

#include <vector>

#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"
#include "tests/sim/small_engine.hpp"

namespace lanewise {
namespace {

using testing::convolution;
using testing::small_streams_engine;
using testing::stall;
using testing::unit;

// Runs layers one behind the other.
std::vector<record::Measurement> run(const std::vector<mapping::Subgraph>& layers, const engine::EngineConfig& e) {
  std::vector<mapping::TilePlan> plans;
  for (const mapping::Subgraph& layer : layers) plans.push_back(mapping::plan_tiles(layer, e));
  std::vector<sim::PlannedSubgraph> subgraphs;
  for (std::size_t i = 0; i < layers.size(); ++i) subgraphs.push_back({&plans[i], &layers[i]});
  return sim::simulate_sequence(subgraphs, e);
}

TEST(TinyStreams, pointwise_convolution) {
  // 10  subgraph programmed (12 tile issued)
  // 15  loaders start (5): 4 words of weights and 4 of input (4 channels each) take turns at the port
  // 33  the last of each: 8 beats and the latency (10); the input's k-th came at 25 + 2 k
  // 35  weights count as on chip (2)
  // 33  two words a row unpacked, from 27 to 29 and from 31 to 33; 37 the input counts as on chip (4)
  // 40  input to MAC (3); weights to MAC would have been 37 (2)
  // 44  first weights in the array (4)
  // 48  one block of 4 pixels; its first sum is out at 50: memory latency (1) and pipeline (5) after the block began
  // 58  four atoms, 2 cycles each
  // 60  post-processor's pipeline (2); the last word is written with it
  const mapping::Subgraph s = convolution(4, 4, 2, 1);
  const record::Measurement m = sim::simulate(s, small_streams_engine());
  EXPECT_EQ(m.timestamps.load_enabled.count(), 10);
  EXPECT_EQ(m.timestamps.weights_loaded.count(), 35);
  EXPECT_EQ(m.timestamps.inputs_loaded.count(), 37);
  EXPECT_EQ(m.timestamps.first_mac.count(), 44);
  EXPECT_EQ(m.timestamps.last_mac.count(), 48);
  EXPECT_EQ(m.latency.count(), 60);
  EXPECT_EQ(m.timestamps.read_beats, 8);
  EXPECT_EQ(m.timestamps.write_beats, 4);
  EXPECT_EQ(m.dram_read.count(), 32);
  EXPECT_EQ(m.dram_write.count(), 16);
  EXPECT_EQ(unit(m, "dot_product_array").busy.count(), 4);
  EXPECT_EQ(unit(m, "post_processor").busy.count(), 8);
  EXPECT_EQ(unit(m, "read_port").busy.count(), 8);
}

TEST(TinyStreams, a_partly_filled_group_costs_as_much_behind_the_array) {
  // One output channel: one word of weights, at 15 + 2 + 10 = 27; input words at 27, 28, 29, 30; rows unpacked at 29
  // and 31, on chip at 35, 38 to MAC, and one kernel in the array at 39. A block lasts 4, an atom 2, a word is written
  // for each: 39 + 6 + 8 + 2.
  const record::Measurement m = sim::simulate(convolution(4, 1, 2, 1), small_streams_engine());
  EXPECT_EQ(m.timestamps.weights_loaded.count(), 29);
  EXPECT_EQ(m.timestamps.first_mac.count(), 39);
  EXPECT_EQ(m.latency.count(), 55);
  EXPECT_EQ(m.timestamps.write_beats, 4);
}

TEST(TinyStreams, stripes_wait_for_credits) {
  // 36 pixels in stripes of 16 (two longest are left), 8 (20 left: the second length) and 12; room for 20 atoms.
  engine::EngineConfig e = small_streams_engine();
  e.array.longest_stripe = 16;
  e.array.second_stripe = 8;
  e.accumulators.size = Bytes(20 * 4 * 4);
  // Loading: the weights' 4 beats take turns with the input until 33; the input goes on alone: its beats come at
  // 27, 29, 31, 33, then one a cycle, the last of 36 at 65. Rows of 6 words: the second starts with beat 7, at 36, and
  // each ends 6 later, one behind its last beat: 42, 48, 54, 60, 66. 70 on chip, 73 to MAC, 77 in the array.
  // 93   stripe of 16; first sum 83, drained from then to 115; its k-th atom's room is free at 83 + 2 k + 2
  // 101  stripe of 8: 4 atoms are free, the 4 more at 93, just in time; first sum 99, drained from 115 to 131
  // 117  stripe of 12 waits for the 16th atom of the first
  // 129  its end; first sum 123, drained from 131 to 155; 157 written
  const record::Measurement m = sim::simulate(convolution(4, 4, 6, 1), e);
  EXPECT_EQ(m.timestamps.inputs_loaded.count(), 70);
  EXPECT_EQ(m.timestamps.first_mac.count(), 77);
  EXPECT_EQ(m.timestamps.last_mac.count(), 129);
  EXPECT_EQ(stall(m, "dot_product_array", "accumulators"), 117 - 101);
  EXPECT_EQ(m.latency.count(), 157);
}

TEST(TinyStreams, a_slow_write_port_holds_what_its_buffer_does_not) {
  // Atoms would leave at 52, 54, 56, 58 and be written 2 later; a port that takes 4 cycles a word writes at 54, 58, 62,
  // 66. With 4 places, or 2, the post-processor ends at 58; with one, an atom leaves no sooner than the one before it
  // is written: 52, 54, 58, 62.
  engine::EngineConfig e = small_streams_engine();
  e.dram.write_interval = Cycles(4);
  const mapping::Subgraph s = convolution(4, 4, 2, 1);
  for (const std::int64_t places : {4, 2}) {
    e.dma.write_buffer = places;
    const record::Measurement m = sim::simulate(s, e);
    EXPECT_EQ(m.latency.count(), 66);
    EXPECT_EQ(stall(m, "post_processor", "output_buffer"), 0);
  }
  e.dma.write_buffer = 1;
  const record::Measurement m = sim::simulate(s, e);
  EXPECT_EQ(m.latency.count(), 66);
  EXPECT_EQ(stall(m, "post_processor", "output_buffer"), 4);
  // The memory's answer, and what is left of a request of two words.
  e.dram.write_response = Cycles(9);
  EXPECT_EQ(sim::simulate(s, e).latency.count(), 66 + 8);
  e.dram.burst = Bytes(8);
  EXPECT_EQ(sim::simulate(s, e).latency.count(), 66 + 8 + 1);
}

TEST(TinyStreams, few_beats_under_way_come_in_clumps) {
  // 8 words in all, 4 under way: the first 4 are asked for by 19, the fifth when the first's place is free again: the
  // latency (10) and the return (2) after its predecessor's clump began, at 15 + 12. The input's 4th beat is the last
  // slot: 27 + 4 + 10 = 41 instead of 33, and so is all behind it.
  engine::EngineConfig e = small_streams_engine();
  e.dram.outstanding_beats = 4;
  e.dram.outstanding_return = Cycles(2);
  EXPECT_EQ(sim::simulate(convolution(4, 4, 2, 1), e).latency.count(), 60 + 8);
}

TEST(TinyStreams, weights_wait_for_their_banks) {
  // 64 -> 8 channels over 4 pixels: two groups of 64 words of weights; one bank holds a group. Input and first group,
  // 64 words each, take turns until 15 + 128 + 10 = 153; 157 on chip, 160 to MAC, 164 in the array.
  // 228  first group: 16 blocks of 4; the last block's weights are in the array when the block before it is 4 old, at
  //      224, and their room is free one sooner
  // 223  the second group is asked for: 297 arrived, 299 on chip, 301 to MAC, 305 in the array
  // 369  second group; its last block began at 365; first sum 371, drained 379, written 381
  engine::EngineConfig e = small_streams_engine();
  e.memory.bank_size = Bytes(256);
  e.memory.weight_banks = 1;
  const mapping::Subgraph s = convolution(64, 8, 2, 1);
  const record::Measurement one = sim::simulate(s, e);
  EXPECT_EQ(one.timestamps.weights_loaded.count(), 299);
  EXPECT_EQ(one.latency.count(), 381);
  EXPECT_EQ(stall(one, "dot_product_array", "weights"), (155 - 12) + (299 - 228));
  // The input is on chip 2 later than the first weights, and both take a while to the first multiplication.
  EXPECT_EQ(stall(one, "dot_product_array", "input"), 157 - 155);
  EXPECT_EQ(stall(one, "dot_product_array", "filling"), (160 - 157) + (301 - 299));
  EXPECT_EQ(stall(one, "weight_loader", "load_buffer"), 223 - 153);

  // With two banks the second group follows the first, alone at the port: the array never waits. 228, 292: last block
  // at 288, 294, 302, 304.
  e.memory.weight_banks = 2;
  const record::Measurement two = sim::simulate(s, e);
  EXPECT_EQ(two.timestamps.weights_loaded.count(), 219);
  EXPECT_EQ(two.latency.count(), 304);
}

TEST(TinyStreams, weights_that_come_early_delay_the_input) {
  // As above over 16 pixels: 256 words of input. One bank: the group is there after 128 beats; the input goes on alone
  // until 15 + 320 + 10 = 345. Its last row of 4 words of a surface is unpacked one later, 346: 350, 353, 357.
  // 613  16 blocks of 16; the last began at 597, the one before it at 581: room is free at 584
  // 666  the second group in the array: 64 + 10 + 2 + 2 + 4 later; 922 its end; 906 + 6 + 32 + 2
  engine::EngineConfig e = small_streams_engine();
  e.memory.bank_size = Bytes(256);
  e.memory.weight_banks = 1;
  const mapping::Subgraph s = convolution(64, 8, 4, 1);
  const record::Measurement one = sim::simulate(s, e);
  EXPECT_EQ(one.timestamps.first_mac.count(), 357);
  EXPECT_EQ(one.latency.count(), 946);
  // Two banks: both groups take turns with the input until 256 beats have come; it is 64 later. 421, 677, 933: 957.
  e.memory.weight_banks = 2;
  const record::Measurement two = sim::simulate(s, e);
  EXPECT_EQ(two.timestamps.first_mac.count(), 421);
  EXPECT_EQ(two.latency.count(), 957);
  // The input loader tells why: its own words take it 256 cycles, the rest is latency and others' turns.
  EXPECT_EQ(unit(one, "input_loader").busy.count(), 256);
  EXPECT_EQ(unit(two, "input_loader").busy.count(), 256);
  EXPECT_EQ(stall(one, "input_loader", "dram"), 10 + 64);
  EXPECT_EQ(stall(two, "input_loader", "dram"), 10 + 128);
}

TEST(TinyStreams, groups_whose_weights_end_in_one_word_come_together) {
  // Three groups of 4 kernels of one byte in words of 8 B: two words, the first with two groups. The map is 2 x 2 with
  // one channel: 4 words. They take turns until the weights' second at slot 4: 15 + 4 + 10 + 2 = 31; input at 27, 29,
  // then 30, 31: rows unpacked at 29 and 32, 36 on chip, 39 to MAC, 43 in the array. Groups start at 43, 47 and 51
  // (their weights have long been there); first sum of the last at 57, drained behind the 16 cycles of the others: 49 +
  // 24; 75.
  engine::EngineConfig e = small_streams_engine();
  e.dram.word = e.dram.burst = Bytes(8);
  e.dram.bandwidth = BytesPerSecond(8e9);
  const record::Measurement m = sim::simulate(convolution(1, 12, 2, 1), e);
  EXPECT_EQ(m.timestamps.weights_loaded.count(), 31);
  EXPECT_EQ(m.timestamps.first_mac.count(), 43);
  EXPECT_EQ(m.latency.count(), 75);
}

TEST(TinyStreams, padding_of_weights_needs_no_room) {
  // 16 B of weights fill the only bank; padded to 64 B they take 16 words of the port's time all the same: 4 words of
  // input until slot 8, weights until slot 20: 45, 47 on chip, 49 to MAC, 53.
  engine::EngineConfig e = small_streams_engine();
  e.memory.weight_banks = 1;
  e.memory.bank_size = Bytes(16);
  e.dma.weight_alignment = Bytes(64);
  const record::Measurement m = sim::simulate(convolution(4, 4, 2, 1), e);
  EXPECT_EQ(m.timestamps.weights_loaded.count(), 47);
  EXPECT_EQ(m.timestamps.first_mac.count(), 53);
  EXPECT_EQ(m.timestamps.read_beats, 20);
}

TEST(TinyStreams, stripes_are_no_longer_than_the_accumulators) {
  // Stripes of 16 asked for, room for 4 atoms: 8 pixels go in two stripes of 4, the second's last block once the first
  // is drained.
  engine::EngineConfig e = small_streams_engine();
  e.array.longest_stripe = 16;
  e.array.second_stripe = 8;
  e.accumulators.size = Bytes(4 * 4 * 4);
  mapping::Subgraph s = convolution(4, 4, 2, 1);
  s.shape.in_width = s.shape.out_width = 4;
  const record::Measurement m = sim::simulate(s, e);
  // First MAC f, first sum f + 6, drained f + 14, room f + 16: the second stripe waits from f + 4 on.
  EXPECT_EQ(stall(m, "dot_product_array", "accumulators"), 12);
  EXPECT_EQ(m.latency.count(), m.timestamps.first_mac.count() + 16 + 6 + 8 + 2);
}

TEST(TinyStreams, words_still_under_way_count_after_a_pause) {
  // 8 words may be under way. The second layer's first requests go out at 40, when all of the first's have come back;
  // with a latency of 40 they have not, had the first layer been loaded sooner: its 8 words were asked for by 23.
  engine::EngineConfig e = small_streams_engine();
  e.dram.outstanding_beats = 8;
  const mapping::Subgraph s = convolution(4, 4, 2, 1);
  EXPECT_EQ(sim::simulate(s, e).latency.count(), 60);
  EXPECT_EQ(run({s, s}, e)[1].latency.count(), 85 - 60);
}

TEST(TinyStreams, the_next_layer_loads_while_its_predecessor_computes) {
  // The second layer is programmed at 22 (12 + 10). Its predecessor is loaded at 37; 40 its first request (3). From
  // there 29 cycles to the first MAC as for the first layer: 69, behind 48 + 6; then 4 + 2 + 8 + 2 as before: 85.
  engine::EngineConfig e = small_streams_engine();
  const mapping::Subgraph s = convolution(4, 4, 2, 1);
  const std::vector<record::Measurement> two = run({s, s}, e);
  EXPECT_EQ(two[0].latency.count(), 60);
  EXPECT_EQ(two[1].timestamps.first_mac.count(), 69);
  EXPECT_EQ(two[1].latency.count(), 85 - 60);
  // The array's own gap between subgraphs: the second starts 30 behind the first's last MAC.
  e.array.pass_gap = Cycles(30);
  EXPECT_EQ(run({s, s}, e)[1].timestamps.first_mac.count(), 48 + 30);
}

TEST(TinyStreams, without_room_the_next_input_waits_for_the_array) {
  // Banks of 32 B for inputs: the first takes 16, so that of the second's two rows of 16 one fits. Its 4 words take
  // turns with the weights from 40 on and come at 52 ... 58. The other row is asked for 10 cycles after the last MAC,
  // at 58, and comes at 69 ... 72: unpacked at 73, on chip 77, to MAC 80, 84.
  engine::EngineConfig e = small_streams_engine();
  e.memory.activation_banks = 1;
  e.memory.bank_size = Bytes(32);
  e.dma.input_release = Cycles(10);
  mapping::Subgraph first = convolution(4, 4, 2, 1), second = first;
  second.shape.in_width = second.shape.out_width = 4;
  const std::vector<record::Measurement> two = run({first, second}, e);
  EXPECT_EQ(two[1].timestamps.inputs_loaded.count(), 77);
  EXPECT_EQ(two[1].timestamps.first_mac.count(), 84);

  // Asked for at 45, while the first row is still on its way, the second follows it: 59 ... 62, unpacked at 63.
  e.dma.input_release = Cycles(0);
  e.array.pass_gap = Cycles(0);
  e.array.weights_to_mac = e.array.input_to_mac = Cycles(0);
  const std::vector<record::Measurement> near = run({first, second}, e);
  EXPECT_EQ(near[0].timestamps.last_mac.count(), 45);
  EXPECT_EQ(near[1].timestamps.inputs_loaded.count(), 67);
  EXPECT_EQ(near[1].timestamps.first_mac.count(), 71);
}

TEST(TinyStreams, a_layer_waits_for_the_one_that_writes_its_input) {
  // Programmed at 22, enabled at 60, when its producer's output is in DRAM: 65 first requests, 94 first MAC, 110 done.
  const engine::EngineConfig e = small_streams_engine();
  mapping::Subgraph first = convolution(4, 4, 2, 1), second = first;
  first.output = "a";
  second.inputs = {"a"};
  second.output = "b";
  const std::vector<record::Measurement> two = run({first, second}, e);
  EXPECT_EQ(two[1].timestamps.load_enabled.count(), 60);
  EXPECT_EQ(two[1].timestamps.first_mac.count(), 94);
  EXPECT_EQ(two[1].latency.count(), 110 - 60);
  // With one group of registers it is programmed only then.
  engine::EngineConfig alone = e;
  alone.command.register_groups = 1;
  EXPECT_EQ(run({first, second}, alone)[1].latency.count(), 60);
}

TEST(TinyStreams, weights_may_go_ahead_of_an_input_that_is_not_there) {
  // As above, but the weights are asked for at 40 (the predecessor is loaded at 37) and on chip at 56. The input, asked
  // for at 65, has the port for itself: words at 76 ... 79, rows unpacked at 78 and 80; 84, 87, 91 first MAC; 107 done.
  engine::EngineConfig e = small_streams_engine();
  e.dma.prefetch_weights = true;
  mapping::Subgraph first = convolution(4, 4, 2, 1), second = first;
  first.output = "a";
  second.inputs = {"a"};
  const std::vector<record::Measurement> two = run({first, second}, e);
  EXPECT_EQ(two[1].timestamps.weights_loaded.count(), 56);
  EXPECT_EQ(two[1].timestamps.inputs_loaded.count(), 84);
  EXPECT_EQ(two[1].timestamps.first_mac.count(), 91);
  EXPECT_EQ(two[1].latency.count(), 107 - 60);
}

}  // namespace
}  // namespace lanewise
