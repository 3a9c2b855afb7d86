// SPDX-License-Identifier: Apache-2.0
// What must hold for any layer on any engine, over random ones.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "mapping/bounds.hpp"
#include "sim/simulate.hpp"
#include "small_engine.hpp"

namespace lanewise {
namespace {

using testing::small_engine;

engine::EngineConfig random_engine(Random& random) {
  engine::EngineConfig e = small_engine();
  e.array.parallelism_factor = random.pick<std::int64_t>({4, 8, 16, 24});
  e.array.dot_product_lanes = random.pick<std::int64_t>({4, 8, 16, 32});
  e.array.depthwise = random.chance(0.5) ? engine::DepthwiseMapping::kDenseGroups : engine::DepthwiseMapping::kNative;
  e.memory.bank_size = Bytes(random.pick<std::int64_t>({1024, 2048, 8192}));
  e.memory.bank_bandwidth = BytesPerCycle(random.pick<double>({1, 2, 8}));
  e.accumulators.size = Bytes(random.pick<std::int64_t>({2048, 4096, 16384}));
  e.post_processing.width = random.pick<std::int64_t>({1, 2, 4, 16});
  e.dma.load_channels = random.between(1, 3);
  e.dma.store_channels = random.between(1, 2);
  e.dram.bandwidth = BytesPerSecond(random.pick<double>({1e9, 4e9, 12.8e9}));
  e.dram.latency = Seconds(random.pick<double>({10e-9, 100e-9}));
  e.dram.burst = Bytes(random.pick<std::int64_t>({16, 64}));
  e.dram.outstanding_requests = random.between(1, 64);
  return e;
}

mapping::Subgraph random_layer(Random& random, const engine::EngineConfig& e) {
  const std::int64_t channels = random.between(1, 96);
  const std::int64_t size = random.between(1, 28);
  const std::int64_t kernel = random.pick<std::int64_t>({1, 3, 5});
  const std::int64_t stride = random.between(1, 2);
  mapping::Subgraph s;
  switch (random.below(4)) {
    case 0:
      s = testing::depthwise(channels, size, kernel, stride);
      break;
    case 1:
      s = testing::addition(channels, size);
      break;
    default:
      s = testing::convolution(channels, random.between(1, 96), size, kernel, stride);
  }
  s.shape.bias = s.shape.uses_array() && random.chance(0.5);
  s.context.resident_banks = random.between(0, 8);
  const auto fits = [&](Bytes bytes) { return bytes.count() <= s.context.resident_banks * e.memory.bank_size.count(); };
  s.context.input_on_chip = random.chance(0.3) && fits(s.shape.input_bytes());
  s.context.output_on_chip = !s.context.input_on_chip && random.chance(0.3) && fits(s.shape.output_bytes());
  return s;
}

// Calls `check` with random layers on random engines, for all that have a plan.
template <class Check>
int for_random_layers(std::uint64_t seed, int count, Check check) {
  Random random(seed);
  int planned = 0;
  for (int i = 0; i < count; ++i) {
    const engine::EngineConfig e = random_engine(random);
    const mapping::Subgraph s = random_layer(random, e);
    mapping::TilePlan plan;
    try {
      plan = mapping::plan_tiles(s, e);
    } catch (const Error&) {
      continue;  // too small a memory for this layer
    }
    ++planned;
    check(s, plan, e);
    if (::testing::Test::HasFailure()) break;
  }
  return planned;
}

std::string describe(const mapping::Subgraph& s, const engine::EngineConfig& e) {
  return mapping::subgraph_key(s) + " on " + std::to_string(e.array.parallelism_factor) + "x" +
         std::to_string(e.array.dot_product_lanes);
}

TEST(Properties, never_faster_than_the_roofline) {
  const int planned = for_random_layers(11, 1500, [](const auto& s, const auto& plan, const auto& e) {
    const record::Measurement m = sim::simulate(plan, s, e);
    const mapping::Bounds b = mapping::bounds(s, e);
    EXPECT_GE(static_cast<double>(m.latency.count()), b.roofline_cycles - 1e-6) << describe(s, e);
    EXPECT_GE(static_cast<double>(m.dram_bytes().count()), b.dram_bytes - 1e-6) << describe(s, e);
    EXPECT_EQ(m.macs, s.shape.macs()) << describe(s, e);
    EXPECT_LE(m.utilization, 1.0);
  });
  EXPECT_GT(planned, 1000);
}

TEST(Properties, every_unit_accounts_for_every_cycle) {
  for_random_layers(12, 800, [](const auto& s, const auto& plan, const auto& e) {
    const record::Measurement m = sim::simulate(plan, s, e);
    EXPECT_EQ(m.units.size(), 8u);
    for (const record::UnitTime& u : m.units) {
      std::int64_t sum = u.busy.count() + u.idle.count();
      for (const record::StallTime& stall : u.stalled) {
        EXPECT_GT(stall.cycles.count(), 0);
        sum += stall.cycles.count();
      }
      EXPECT_EQ(sum, m.latency.count()) << u.unit << ": " << describe(s, e);
      EXPECT_GE(u.idle.count(), 0);
    }
  });
}

TEST(Properties, on_chip_memory_is_never_overbooked) {
  for_random_layers(13, 1500, [](const auto& s, const auto& plan, const auto& e) {
    EXPECT_LE(plan.peak_sram.count(), e.onchip_capacity().count()) << describe(s, e);
  });
}

TEST(Properties, the_answer_does_not_depend_on_what_ran_before) {
  std::vector<std::int64_t> forwards, backwards;
  std::vector<std::pair<mapping::Subgraph, engine::EngineConfig>> layers;
  for_random_layers(14, 120, [&](const auto& s, const auto& plan, const auto& e) {
    layers.emplace_back(s, e);
    forwards.push_back(sim::simulate(plan, s, e).latency.count());
  });
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    const record::Measurement m = sim::simulate(layer->first, layer->second);
    backwards.insert(backwards.begin(), m.latency.count());
  }
  EXPECT_EQ(forwards, backwards);
}

// One number of the engine made better on the same tile plan must not make any layer slower.
void expect_never_slower(std::uint64_t seed, void (*improve)(engine::EngineConfig&)) {
  for_random_layers(seed, 700, [&](const auto& s, const auto& plan, const auto& e) {
    engine::EngineConfig better = e;
    improve(better);
    const std::int64_t before = sim::simulate(plan, s, e).latency.count();
    const std::int64_t after = sim::simulate(plan, s, better).latency.count();
    EXPECT_LE(after, before) << describe(s, e);
  });
}

TEST(Properties, more_dram_bandwidth_is_never_slower) {
  expect_never_slower(21, [](engine::EngineConfig& e) { e.dram.bandwidth = e.dram.bandwidth * 1.25; });
}
TEST(Properties, less_dram_latency_is_never_slower) {
  expect_never_slower(22, [](engine::EngineConfig& e) { e.dram.latency = e.dram.latency * 0.5; });
}
TEST(Properties, a_wider_post_processor_is_never_slower) {
  expect_never_slower(23, [](engine::EngineConfig& e) { e.post_processing.width *= 2; });
}
TEST(Properties, more_bank_bandwidth_is_never_slower) {
  expect_never_slower(24, [](engine::EngineConfig& e) { e.memory.bank_bandwidth = e.memory.bank_bandwidth * 2.0; });
}
TEST(Properties, faster_weight_loading_is_never_slower) {
  expect_never_slower(25, [](engine::EngineConfig& e) { e.array.weight_load_kernels_per_cycle = 4; });
}
TEST(Properties, more_outstanding_requests_are_never_slower) {
  expect_never_slower(26, [](engine::EngineConfig& e) { e.dram.outstanding_requests *= 2; });
}
TEST(Properties, more_transfers_in_flight_are_never_slower) {
  expect_never_slower(29, [](engine::EngineConfig& e) { e.dma.transfers_in_flight = 4; });
}
TEST(Properties, a_faster_lane_is_never_slower) {
  expect_never_slower(
      27, [](engine::EngineConfig& e) { e.array.precision_rate[static_cast<std::size_t>(Precision::kInt8)] = 2; });
}

// Twice the lanes halve the blocks of every tile; sizes, order and transfers stay.
TEST(Properties, twice_the_lanes_on_the_same_tiles_are_never_slower) {
  for_random_layers(28, 700, [](const auto& s, const auto& plan, const auto& e) {
    mapping::TilePlan wider = plan;
    for (mapping::TileStep& step : wider.steps) step.blocks = ceil_div(step.blocks, 2);
    EXPECT_LE(sim::simulate(wider, s, e).latency.count(), sim::simulate(plan, s, e).latency.count()) << describe(s, e);
  });
}

}  // namespace
}  // namespace lanewise
