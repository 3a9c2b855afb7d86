// SPDX-License-Identifier: Apache-2.0
// Slowing one unit stalls the others, by the cause that names it and by as much as theory says.
#include <gtest/gtest.h>

#include <string>

#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"
#include "tests/sim/small_engine.hpp"

namespace lanewise {
namespace {

using testing::small_engine;
using testing::stall;
using testing::unit;

// A layer of many tiles that the array dominates at first: 16 x 16 pixels, 16 -> 64 channels, 3x3.
const mapping::Subgraph kLayer = testing::convolution(16, 64, 16, 3);

TEST(Stalls, a_slow_dram_makes_the_array_wait_for_tiles) {
  const mapping::TilePlan plan = mapping::plan_tiles(kLayer, small_engine());
  const record::Measurement fast = sim::simulate(plan, kLayer, small_engine());
  engine::EngineConfig slow_engine = small_engine();
  slow_engine.dram.bandwidth = slow_engine.dram.bandwidth * 0.02;
  const record::Measurement slow = sim::simulate(plan, kLayer, slow_engine);
  // The array has as much to do; all that the subgraph takes longer it waits for tiles, or for the weights of the
  // first.
  EXPECT_EQ(unit(slow, "dot_product_array").busy, unit(fast, "dot_product_array").busy);
  const auto waits = [](const record::Measurement& m) {
    return stall(m, "dot_product_array", "input") + stall(m, "dot_product_array", "weights") +
           stall(m, "dot_product_array", "accumulators") + stall(m, "dot_product_array", "weight_load") +
           stall(m, "dot_product_array", "filling") + stall(m, "dot_product_array", "draining") +
           unit(m, "dot_product_array").idle.count();
  };
  EXPECT_EQ(waits(slow) - waits(fast), slow.latency.count() - fast.latency.count());
  EXPECT_GT(stall(slow, "dot_product_array", "input") + stall(slow, "dot_product_array", "weights"),
            10 * (stall(fast, "dot_product_array", "input") + stall(fast, "dot_product_array", "weights")));
  EXPECT_EQ(slow.bound_by, "dram");
  EXPECT_NEAR(static_cast<double>(unit(slow, "dram").busy.count()),
              50.0 * static_cast<double>(unit(fast, "dram").busy.count()), 50.0);
}

TEST(Stalls, a_slow_array_makes_the_load_dma_wait_for_buffers) {
  const mapping::TilePlan plan = mapping::plan_tiles(kLayer, small_engine());
  engine::EngineConfig slow_engine = small_engine();
  slow_engine.array.precision_rate[static_cast<std::size_t>(Precision::kInt8)] = 0.125;
  const record::Measurement fast = sim::simulate(plan, kLayer, small_engine());
  const record::Measurement slow = sim::simulate(plan, kLayer, slow_engine);
  EXPECT_EQ(unit(slow, "dot_product_array").busy.count(), 8 * unit(fast, "dot_product_array").busy.count());
  EXPECT_EQ(slow.bound_by, "dot_product_lanes");  // twice the lanes halve its blocks
  const auto waiting = [](const record::Measurement& m) {
    return stall(m, "load_dma", "load_buffer") + unit(m, "load_dma").idle.count();
  };
  EXPECT_GT(waiting(slow), waiting(fast));
  EXPECT_EQ(unit(slow, "load_dma").busy, unit(fast, "load_dma").busy);
}

TEST(Stalls, a_slow_post_processor_fills_the_accumulators) {
  const mapping::TilePlan plan = mapping::plan_tiles(kLayer, small_engine());
  engine::EngineConfig slow_engine = small_engine();
  slow_engine.post_processing.width = 1;
  slow_engine.post_processing.special_function_cycles = Cycles(40);
  mapping::Subgraph layer = kLayer;
  layer.shape.activation = network::ActivationFunction::kSigmoid;
  const record::Measurement slow = sim::simulate(plan, layer, slow_engine);
  EXPECT_EQ(slow.bound_by, "post_processor");
  EXPECT_EQ(unit(slow, "post_processor").busy.count(), 16 * 16 * 64 * 40);
  EXPECT_GT(stall(slow, "dot_product_array", "accumulators"),
            slow.latency.count() - unit(slow, "dot_product_array").busy.count() - slow.latency.count() / 10);
}

TEST(Stalls, narrow_banks_stretch_the_array_by_the_missing_bandwidth) {
  const mapping::TilePlan plan = mapping::plan_tiles(kLayer, small_engine());
  engine::EngineConfig slow_engine = small_engine();
  slow_engine.memory.activation_banks = 4;
  slow_engine.memory.bank_bandwidth = BytesPerCycle(1);
  // Slots of 2 B/cycle for an array that reads 4 lanes x 1 B: it takes twice as long.
  const record::Measurement slow = sim::simulate(plan, kLayer, slow_engine);
  EXPECT_NEAR(static_cast<double>(stall(slow, "dot_product_array", "onchip_bandwidth")),
              static_cast<double>(unit(slow, "dot_product_array").busy.count()), 8.0);  // the very first weights
}

TEST(Stalls, a_slow_command_processor_leaves_the_others_idle) {
  const mapping::TilePlan plan = mapping::plan_tiles(kLayer, small_engine());
  engine::EngineConfig slow_engine = small_engine();
  slow_engine.command.per_tile = Cycles(20000);
  const record::Measurement slow = sim::simulate(plan, kLayer, slow_engine);
  EXPECT_EQ(slow.bound_by, "command_processor");
  EXPECT_EQ(unit(slow, "command_processor").busy.count(), 10 + 20000 * static_cast<std::int64_t>(plan.steps.size()));
  // Every tile is issued after the one before is done: nobody waits for anybody else for long.
  EXPECT_GT(unit(slow, "dot_product_array").idle.count() + unit(slow, "dot_product_array").busy.count(),
            slow.latency.count() * 9 / 10);
}

TEST(Stalls, few_outstanding_requests_limit_reads_by_littles_law) {
  // One request of 4 B every 10 cycles: 0.4 B/cycle.
  engine::EngineConfig slow_engine = small_engine();
  slow_engine.dram.outstanding_requests = 1;
  mapping::Subgraph layer = testing::convolution(64, 4, 8, 1);
  layer.context.output_on_chip = true;
  layer.context.resident_banks = 1;
  const mapping::TilePlan plan = mapping::plan_tiles(layer, slow_engine);
  const record::Measurement m = sim::simulate(plan, layer, slow_engine);
  EXPECT_GE(m.latency.count(), plan.dram_read.count() * 10 / 4);
  EXPECT_LE(m.latency.count(), plan.dram_read.count() * 10 / 4 + 2000);
}

}  // namespace
}  // namespace lanewise
