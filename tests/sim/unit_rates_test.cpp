// SPDX-License-Identifier: Apache-2.0
// One unit's rate is changed, and the latency and its neighbours' stalls grow by what a count by hand says. The layers
// are those of tiny_layers_test.cpp and tiny_streams_test.cpp, where every cycle is told.
#include <gtest/gtest.h>

#include "sim/simulate.hpp"
#include "tests/sim/small_engine.hpp"

namespace lanewise {
namespace {

using engine::EngineConfig;
using testing::convolution;
using testing::small_engine;
using testing::small_streams_engine;
using testing::stall;
using testing::unit;

// 4 -> 4 channels over 2 x 2 pixels.
const mapping::Subgraph kLayer = convolution(4, 4, 2, 1);

// Tiles: kLayer once or twice (two images), a tile each: weights of 16 B once, 16 B of input and of output a tile.
mapping::TilePlan tiles(int count, int input_slots, int output_slots) {
  mapping::TilePlan plan;
  plan.weight_slots = 1;
  plan.input_slots = input_slots;
  plan.output_slots = output_slots;
  plan.stripe_pixels = 32;
  mapping::TileStep step;
  step.pixels = 4;
  step.groups = step.blocks = 1;
  step.outputs = step.outputs_per_group = 4;
  step.macs = 64;
  step.activation_bytes = 4;
  step.weight_bytes = 16;
  step.input_load = step.store = {16, 16};
  step.post_write_bytes = 16;
  plan.dma.push_back({0, mapping::TransferKind::kWeights});
  for (std::int32_t i = 0; i < count; ++i) {
    step.weight_load = i == 0 ? mapping::Transfer{16, 16} : mapping::Transfer{};
    step.input_last = i + input_slots < count;
    plan.steps.push_back(step);
    plan.dma.push_back({i, mapping::TransferKind::kInput});
  }
  for (std::int32_t i = 0; i < count; ++i) plan.dma.push_back({i, mapping::TransferKind::kStore});
  return plan;
}

record::Measurement run_tiles(const EngineConfig& e, int count = 1, int input_slots = 2, int output_slots = 2) {
  return sim::simulate(tiles(count, input_slots, output_slots), kLayer, e);
}

// What changed from one measurement to the other.
struct Growth {
  const record::Measurement &before, &after;
  std::int64_t latency() const { return (after.latency - before.latency).count(); }
  std::int64_t busy(const char* name) const { return (unit(after, name).busy - unit(before, name).busy).count(); }
  std::int64_t idle(const char* name) const { return (unit(after, name).idle - unit(before, name).idle).count(); }
  std::int64_t stalled(const char* name, const char* cause) const {
    return stall(after, name, cause) - stall(before, name, cause);
  }
  // Waiting for operands.
  std::int64_t starved() const { return waits(after) - waits(before); }

 private:
  static std::int64_t waits(const record::Measurement& m) {
    return stall(m, "dot_product_array", "input") + stall(m, "dot_product_array", "weights");
  }
};

TEST(UnitRatesOfTiles, command_processor) {
  const record::Measurement before = run_tiles(small_engine());
  ASSERT_EQ(before.latency.count(), 54);
  EngineConfig e = small_engine();
  e.command.per_pass += Cycles(17);  // everybody starts later
  const record::Measurement late = run_tiles(e);
  EXPECT_EQ((Growth{before, late}.latency()), 17);
  EXPECT_EQ((Growth{before, late}.busy("command_processor")), 17);
  EXPECT_EQ((Growth{before, late}.idle("load_dma")), 17);
  EXPECT_EQ((Growth{before, late}.idle("dot_product_array")), 17);
  EXPECT_EQ((Growth{before, late}.starved()), 0);
  e = small_engine();
  e.command.per_tile = Cycles(40);  // the tile is issued at 50, its operands were there at 31: nobody waits for data
  const record::Measurement slow = run_tiles(e);
  EXPECT_EQ((Growth{before, slow}.latency()), 50 - 31);
  EXPECT_EQ((Growth{before, slow}.starved()), -(31 - 12));
  EXPECT_EQ((Growth{before, slow}.idle("dot_product_array")), 2 * (50 - 31));
}

TEST(UnitRatesOfTiles, load_and_store_dma) {
  const record::Measurement before = run_tiles(small_engine());
  EngineConfig e = small_engine();
  e.dma.setup += Cycles(9);  // weights and inputs have a channel each: once before the array, once for the store
  const record::Measurement after = run_tiles(e);
  EXPECT_EQ((Growth{before, after}.latency()), 9 + 9);
  EXPECT_EQ((Growth{before, after}.starved()), 9);
  EXPECT_EQ((Growth{before, after}.stalled("load_dma", "dram")), 9);
  EXPECT_EQ((Growth{before, after}.stalled("store_dma", "dram")), 9);
  EXPECT_EQ((Growth{before, after}.stalled("post_processor", "accumulators")), 9);
  e.dma.load_channels = 1;  // one sets up after the other, but the second while the first's data is on its way
  EXPECT_EQ(run_tiles(e).latency, after.latency + Cycles(12 - 4));
}

TEST(UnitRatesOfTiles, input_buffers) {
  // Two tiles. Inputs at 31 and 35, computed at 39 and 43, drained at 45 and 49, written at 51; stores 50 to 54 to 58.
  const record::Measurement two = run_tiles(small_engine(), 2, 2, 2);
  ASSERT_EQ(two.latency.count(), 58);
  // With one buffer the second is asked for at 39: set up at 42, data from 52 to 56, computed at 60, drained at 66, 75.
  const record::Measurement one = run_tiles(small_engine(), 2, 1, 2);
  EXPECT_EQ((Growth{two, one}.latency()), 17);
  EXPECT_EQ((Growth{two, one}.starved()), 56 - 39);
  EXPECT_EQ(stall(one, "load_dma", "load_buffer"), 39 - 31);
  EXPECT_EQ((Growth{two, one}.stalled("load_dma", "dram")), 52 - 39);
}

TEST(UnitRatesOfTiles, output_buffers) {
  // With one buffer the second tile is drained from 54 on, when the first is stored: 58, 60, 63, 67.
  const record::Measurement two = run_tiles(small_engine(), 2, 2, 2);
  const record::Measurement one = run_tiles(small_engine(), 2, 2, 1);
  EXPECT_EQ((Growth{two, one}.latency()), 9);
  EXPECT_EQ((Growth{two, one}.stalled("post_processor", "output_buffer")), 54 - 45);
}

TEST(UnitRatesOfTiles, dram) {
  const record::Measurement before = run_tiles(small_engine());
  EngineConfig e = small_engine();
  e.dram.bandwidth = e.dram.bandwidth * 0.5;  // 16 B of weights, input and output take 8 cycles each, not 4
  const record::Measurement narrow = run_tiles(e);
  EXPECT_EQ((Growth{before, narrow}.latency()), 3 * 4);
  EXPECT_EQ((Growth{before, narrow}.busy("dram")), 3 * 4);
  EXPECT_EQ((Growth{before, narrow}.starved()), 2 * 4);
  EXPECT_EQ((Growth{before, narrow}.busy("store_dma")), 4);
  e = small_engine();
  e.dram.latency = Seconds(35e-9);  // reads alone
  const record::Measurement far = run_tiles(e);
  EXPECT_EQ((Growth{before, far}.latency()), 25);
  EXPECT_EQ((Growth{before, far}.starved()), 25);
  EXPECT_EQ((Growth{before, far}.stalled("load_dma", "dram")), 25);
  EXPECT_EQ((Growth{before, far}.busy("dram")), 0);
  e = small_engine();
  e.dram.outstanding_requests = 5;  // 20 B in 10 cycles: 2 B/cycle for reads
  const record::Measurement few = run_tiles(e);
  EXPECT_EQ((Growth{before, few}.latency()), 2 * 4);
  EXPECT_EQ((Growth{before, few}.stalled("dram", "dram")), 2 * 4);
}

TEST(UnitRatesOfTiles, array) {
  const record::Measurement before = run_tiles(small_engine());
  EngineConfig e = small_engine();
  e.array.precision_rate[static_cast<std::size_t>(Precision::kInt8)] =
      0.25;  // a pixel takes 4 cycles; sums leave so far apart, the last one cycle to drain
  const record::Measurement slow = run_tiles(e);
  EXPECT_EQ((Growth{before, slow}.busy("dot_product_array")), 12);
  EXPECT_EQ((Growth{before, slow}.latency()), (3 * 4 + 1) - 4);
  EXPECT_EQ((Growth{before, slow}.stalled("post_processor", "accumulators")), 0);
  e = small_engine();
  e.array.pipeline_latency += Cycles(6);
  const record::Measurement deep = run_tiles(e);
  EXPECT_EQ((Growth{before, deep}.latency()), 6);
  EXPECT_EQ((Growth{before, deep}.stalled("post_processor", "accumulators")), 6);
  e = small_engine();
  e.array.weight_load_kernels_per_cycle = 2;  // first weights in 2 cycles, not 4
  const record::Measurement quick = run_tiles(e);
  EXPECT_EQ((Growth{before, quick}.latency()), -2);
  EXPECT_EQ((Growth{before, quick}.stalled("dot_product_array", "weight_load")), -2);
}

TEST(UnitRatesOfTiles, accumulators) {
  // Two tiles, an atom drained in 4 cycles: 41 to 57 to 73, 75, 78, 82. With room for one tile's 4 atoms the second's
  // block waits for the first's last: 57, first sum at 63, drained at 79.
  EngineConfig e = small_engine();
  e.post_processing.width = 1;
  e.array.longest_stripe = 4;
  const record::Measurement ample = run_tiles(e, 2);
  EXPECT_EQ(ample.latency.count(), 82);
  e.accumulators.size = Bytes(4 * 4 * 4);
  const record::Measurement tight = run_tiles(e, 2);
  EXPECT_EQ((Growth{ample, tight}.latency()), 6);
  EXPECT_EQ(stall(tight, "dot_product_array", "accumulators"), 57 - 39);
  EXPECT_EQ((Growth{ample, tight}.stalled("post_processor", "accumulators")), 6);
  e.accumulators.credit_return = Cycles(11);
  const record::Measurement late = run_tiles(e, 2);
  EXPECT_EQ((Growth{tight, late}.latency()), 11);
  EXPECT_EQ((Growth{tight, late}.stalled("dot_product_array", "accumulators")), 11);
}

TEST(UnitRatesOfTiles, post_processor) {
  const record::Measurement before = run_tiles(small_engine());
  EngineConfig e = small_engine();
  e.post_processing.width = 1;  // 4 cycles an atom
  e.post_processing.atom_overhead = Cycles(2);
  const record::Measurement slow = run_tiles(e);
  EXPECT_EQ((Growth{before, slow}.latency()), 4 * (6 - 1));
  EXPECT_EQ((Growth{before, slow}.busy("post_processor")), 4 * (6 - 1));
  EXPECT_EQ((Growth{before, slow}.busy("dot_product_array")), 0);
  EXPECT_EQ((Growth{before, slow}.idle("store_dma")), 4 * (6 - 1));
}

TEST(UnitRatesOfTiles, banks) {
  // 2 B/cycle, every second slot for the array: 16 B in 16 cycles, not 4. Sums leave 4 apart (13 cycles to drain); the
  // 16 B of output take 16 in the other slots.
  const record::Measurement before = run_tiles(small_engine());
  EngineConfig e = small_engine();
  e.memory.activation_banks = 2;
  e.memory.bank_bandwidth = BytesPerCycle(1);
  const record::Measurement narrow = run_tiles(e);
  EXPECT_EQ((Growth{before, narrow}.stalled("dot_product_array", "onchip_bandwidth")), 12);
  EXPECT_EQ((Growth{before, narrow}.busy("dot_product_array")), 0);
  EXPECT_EQ((Growth{before, narrow}.stalled("post_processor", "onchip_bandwidth")), 16 - 13);
  EXPECT_EQ((Growth{before, narrow}.latency()), 16 - 4);
}

record::Measurement run_streams(const EngineConfig& e, const mapping::Subgraph& layer = kLayer) {
  return sim::simulate(layer, e);
}

TEST(UnitRatesOfStreams, command_processor) {
  const record::Measurement before = run_streams(small_streams_engine());
  ASSERT_EQ(before.latency.count(), 60);
  EngineConfig e = small_streams_engine();
  e.command.per_pass += Cycles(17);
  const record::Measurement after = run_streams(e);
  EXPECT_EQ((Growth{before, after}.latency()), 17);
  for (const char* name : {"input_loader", "weight_loader", "read_port", "dot_product_array", "write_port"}) {
    EXPECT_EQ((Growth{before, after}.idle(name)), 17) << name;
  }
}

TEST(UnitRatesOfStreams, read_port) {
  // 8 slots: the last comes 7 intervals behind the first. Rows are unpacked by the last beat.
  const record::Measurement before = run_streams(small_streams_engine());
  EngineConfig e = small_streams_engine();
  e.dram.read_interval = Cycles(2);
  const record::Measurement beats = run_streams(e);
  EXPECT_EQ((Growth{before, beats}.latency()), 7 * 1);
  EXPECT_EQ((Growth{before, beats}.starved()), 7 * 1);
  EXPECT_EQ((Growth{before, beats}.busy("read_port")), 8);
  EXPECT_EQ((Growth{before, beats}.busy("input_loader")), 4);
  EXPECT_EQ((Growth{before, beats}.stalled("input_loader", "dram")), 7 - 4);
  e = small_streams_engine();
  e.dram.request_interval = Cycles(4);  // a beat a request
  const record::Measurement requests = run_streams(e);
  EXPECT_EQ((Growth{before, requests}.latency()), 7 * 3);
  EXPECT_EQ((Growth{before, requests}.stalled("input_loader", "dram")), 7 * 3);
  e = small_streams_engine();
  e.dram.latency = Seconds(35e-9);
  const record::Measurement far = run_streams(e);
  EXPECT_EQ((Growth{before, far}.latency()), 25);
  EXPECT_EQ((Growth{before, far}.stalled("input_loader", "dram")), 25);
  EXPECT_EQ((Growth{before, far}.stalled("weight_loader", "dram")), 25);
  EXPECT_EQ((Growth{before, far}.starved()), 25);
}

TEST(UnitRatesOfStreams, input_loader) {
  // Two words a row at 3 cycles each: 27 to 33 to 39, not 33.
  const record::Measurement before = run_streams(small_streams_engine());
  EngineConfig e = small_streams_engine();
  e.unpacking.first_pair = 3;
  const record::Measurement after = run_streams(e);
  EXPECT_EQ((Growth{before, after}.latency()), 6);
  EXPECT_EQ((Growth{before, after}.stalled("input_loader", "unpacking")), 6);
  EXPECT_EQ((Growth{before, after}.stalled("dot_product_array", "input")), 6);
  EXPECT_EQ((Growth{before, after}.stalled("dot_product_array", "weights")), 0);
  e = small_streams_engine();
  e.dma.start += Cycles(8);
  EXPECT_EQ((Growth{before, run_streams(e)}.latency()), 8);
}

TEST(UnitRatesOfStreams, weight_loader) {
  // Weights count as on chip 8 cycles after they came, not 2: 41, to MAC 43; the input, with the same delay: 41, to MAC
  // 44, where it was 40.
  const record::Measurement before = run_streams(small_streams_engine());
  EngineConfig e = small_streams_engine();
  e.dma.loaded = Cycles(8);
  const record::Measurement after = run_streams(e);
  EXPECT_EQ((Growth{before, after}.latency()), 4);
  EXPECT_EQ((Growth{before, after}.stalled("dot_product_array", "weights")), 43 - 37);
  EXPECT_EQ((Growth{before, after}.stalled("dot_product_array", "input")), (44 - 43) - (40 - 37));
}

TEST(UnitRatesOfStreams, operand_loader) {
  // Its 4 words take turns with the two others: 12 slots instead of 8. It is there long before the sums.
  const record::Measurement before = run_streams(small_streams_engine());
  mapping::Subgraph layer = kLayer;
  layer.shape.operand = mapping::FusedOperand::kTensor;
  const record::Measurement after = run_streams(small_streams_engine(), layer);
  EXPECT_EQ((Growth{before, after}.latency()), 4);
  EXPECT_EQ((Growth{before, after}.stalled("input_loader", "dram")), 4);
  EXPECT_EQ((Growth{before, after}.busy("operand_loader")), 4);
  EXPECT_EQ(stall(after, "post_processor", "operand"), 0);
}

TEST(UnitRatesOfStreams, array) {
  // Sums leave 4 apart: 3 x 4 + 2 cycles to drain, not 8.
  const record::Measurement before = run_streams(small_streams_engine());
  EngineConfig e = small_streams_engine();
  e.array.precision_rate[static_cast<std::size_t>(Precision::kInt8)] = 0.25;
  const record::Measurement after = run_streams(e);
  EXPECT_EQ((Growth{before, after}.busy("dot_product_array")), 12);
  EXPECT_EQ((Growth{before, after}.latency()), 6);
}

TEST(UnitRatesOfStreams, accumulators) {
  // The layer of stripes_wait_for_credits: the second stripe, whose room came just in time, waits as long as credits
  // come later; the third's room is as much later. Its first sum, at 123, had 8 cycles to spare.
  EngineConfig e = small_streams_engine();
  e.array.longest_stripe = 16;
  e.array.second_stripe = 8;
  e.accumulators.size = Bytes(20 * 4 * 4);
  const mapping::Subgraph layer = convolution(4, 4, 6, 1);
  const record::Measurement before = run_streams(e, layer);
  e.accumulators.credit_return += Cycles(10);
  const record::Measurement after = run_streams(e, layer);
  EXPECT_EQ((Growth{before, after}.stalled("dot_product_array", "accumulators")), 10);
  EXPECT_EQ((Growth{before, after}.stalled("post_processor", "accumulators")), 10 - 8);
  EXPECT_EQ((Growth{before, after}.latency()), 10 - 8);
}

TEST(UnitRatesOfStreams, post_processor) {
  const record::Measurement before = run_streams(small_streams_engine());
  EngineConfig e = small_streams_engine();
  e.post_processing.width = 1;  // 4 + 1 cycles an atom, not 1 + 1
  const record::Measurement after = run_streams(e);
  EXPECT_EQ((Growth{before, after}.latency()), 4 * 3);
  EXPECT_EQ((Growth{before, after}.busy("post_processor")), 4 * 3);
}

TEST(UnitRatesOfStreams, write_port) {
  // A word written every 5 cycles, not every 2 as atoms come: 3 a word behind the first. With one place the
  // post-processor waits with it, but for the last one's write: 52, 54, 59, 64.
  const record::Measurement before = run_streams(small_streams_engine());
  EngineConfig e = small_streams_engine();
  e.dram.write_interval = Cycles(5);
  e.dma.write_buffer = 1;
  const record::Measurement after = run_streams(e);
  EXPECT_EQ((Growth{before, after}.latency()), 3 * 3);
  EXPECT_EQ((Growth{before, after}.stalled("post_processor", "output_buffer")), 64 - 58);
}

TEST(UnitRatesOfStreams, banks) {
  // One bank of 1 B/cycle: 16 B in 16 cycles, not 4; sums 4 apart.
  const record::Measurement before = run_streams(small_streams_engine());
  EngineConfig e = small_streams_engine();
  e.memory.activation_banks = 1;
  e.memory.bank_bandwidth = BytesPerCycle(1);
  const record::Measurement after = run_streams(e);
  EXPECT_EQ((Growth{before, after}.stalled("dot_product_array", "onchip_bandwidth")), 12);
  EXPECT_EQ((Growth{before, after}.latency()), 6);
}

}  // namespace
}  // namespace lanewise
