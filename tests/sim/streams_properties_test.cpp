// SPDX-License-Identifier: Apache-2.0
// What must hold for any layer on any engine whose inputs and weights come as streams, over random ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "core/mapping/bounds.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"
#include "tests/sim/random_layers.hpp"

namespace lanewise {
namespace {

using testing::describe;
using testing::for_random_layers;
using testing::random_streams_engine;
using testing::stall;
using testing::unit;

constexpr int kLayers = 2400;
constexpr int kPlanned = 2000;  // of them, at least

TEST(StreamsProperties, never_faster_than_the_roofline) {
  const int planned =
      for_random_layers(111, kLayers, random_streams_engine, [](const auto& s, const auto& plan, const auto& e) {
        const record::Measurement m = sim::simulate(plan, s, e);
        const mapping::Bounds b = mapping::bounds(s, e);
        EXPECT_GE(static_cast<double>(m.latency.count()), b.roofline_cycles - 1e-6) << describe(s, e);
        EXPECT_GE(static_cast<double>(m.dram_bytes().count()), b.dram_bytes - 1e-6) << describe(s, e);
        EXPECT_EQ(m.dram_read.count(), plan.dram_read.count()) << describe(s, e);
        EXPECT_EQ(m.dram_write.count(), plan.dram_write.count()) << describe(s, e);
        EXPECT_EQ(m.macs, s.shape.macs()) << describe(s, e);
        EXPECT_LE(m.utilization, 1.0);
        EXPECT_LE(plan.peak_sram.count(), e.onchip_capacity().count()) << describe(s, e);
      });
  EXPECT_GE(planned, kPlanned);
}

TEST(StreamsProperties, every_unit_accounts_for_every_cycle) {
  const int planned =
      for_random_layers(112, kLayers, random_streams_engine, [](const auto& s, const auto& plan, const auto& e) {
        const record::Measurement m = sim::simulate(plan, s, e);
        EXPECT_EQ(m.units.size(), 10u);
        for (const record::UnitTime& u : m.units) {
          std::int64_t sum = u.busy.count() + u.idle.count();
          for (const record::StallTime& stall : u.stalled) {
            EXPECT_GT(stall.cycles.count(), 0);
            sum += stall.cycles.count();
          }
          EXPECT_EQ(sum, m.latency.count()) << to_string(u.unit) << ": " << describe(s, e);
          EXPECT_GE(u.idle.count(), 0);
        }
      });
  EXPECT_GE(planned, kPlanned);
}

// Whether what one loader asks for can put off what another one asked for later: the inputs of several cubes, or a
// streamed operand, beside weights; or words under way that are limited, of which earlier requests leave fewer.
bool loaders_compete(const mapping::Subgraph& s, const mapping::TilePlan& plan, const engine::EngineConfig& e) {
  const std::int64_t slot = std::max(e.dram.read_interval.count(), e.dram.request_interval.count());
  const bool limited = e.dram.outstanding_beats * slot < e.dram_latency().count() + e.dram.outstanding_return.count();
  return plan.cubes.size() > 1 || s.shape.operand == mapping::FusedOperand::kTensor || limited;
}

// Counts subgraphs that a better engine made slower on the same plan. Where loaders do not compete there is none. Where
// they do, a faster unit asks earlier, and its request may take the port from a more urgent one: rare, and seen as
// waiting.
class Comparison {
 public:
  void add(const mapping::Subgraph& s, const mapping::TilePlan& plan, const engine::EngineConfig& e,
           const record::Measurement& before, const record::Measurement& after) {
    const bool compete = loaders_compete(s, plan, e);
    ++(compete ? competing_ : alone_);
    if (after.latency <= before.latency) return;
    // Partial sums are read beside the inputs and weights of every part.
    adding_up_ += plan.cubes.front().sum_bits > bits(s.shape.output_precision) ? 1 : 0;
    EXPECT_TRUE(compete) << before.latency.count() << " to " << after.latency.count() << ": " << describe(s, e);
    ++slower_;
    worst_ = std::max(worst_, static_cast<double>(after.latency.count()) / static_cast<double>(before.latency.count()));
  }
  void check() const {
    std::printf("  %d alone, none slower; %d competing, %d slower, at worst by %.2f %%\n", alone_, competing_, slower_,
                100 * (worst_ - 1));
    EXPECT_GE(alone_ + competing_, kPlanned);
    EXPECT_GE(alone_, kPlanned / 3);
    EXPECT_LE(slower_ - adding_up_, competing_ / 100);
    EXPECT_LE(adding_up_, competing_ / 100);
    EXPECT_LE(worst_, 1.1);
  }

 private:
  int alone_ = 0, competing_ = 0;
  int slower_ = 0, adding_up_ = 0;  // the second: of the first, with a reduction that is cut
  double worst_ = 1;
};

// One number of the engine made better on the same plan.
void expect_never_slower(std::uint64_t seed, void (*improve)(engine::EngineConfig&)) {
  Comparison comparison;
  for_random_layers(seed, kLayers, random_streams_engine, [&](const auto& s, const auto& plan, const auto& e) {
    engine::EngineConfig better = e;
    improve(better);
    comparison.add(s, plan, e, sim::simulate(plan, s, e), sim::simulate(plan, s, better));
  });
  comparison.check();
}

TEST(StreamsProperties, a_shorter_read_interval_is_never_slower) {
  expect_never_slower(121, [](engine::EngineConfig& e) { e.dram.read_interval = Cycles(1); });
}
TEST(StreamsProperties, a_shorter_request_interval_is_never_slower) {
  expect_never_slower(122, [](engine::EngineConfig& e) { e.dram.request_interval = Cycles(1); });
}
TEST(StreamsProperties, less_memory_latency_is_never_slower) {
  expect_never_slower(123, [](engine::EngineConfig& e) { e.dram.latency = e.dram.latency * 0.5; });
}
TEST(StreamsProperties, more_outstanding_beats_are_never_slower) {
  expect_never_slower(124, [](engine::EngineConfig& e) { e.dram.outstanding_beats *= 2; });
}
TEST(StreamsProperties, beats_that_return_sooner_are_never_slower) {
  expect_never_slower(125, [](engine::EngineConfig& e) { e.dram.outstanding_return = Cycles(0); });
}
TEST(StreamsProperties, a_shorter_write_interval_is_never_slower) {
  expect_never_slower(126, [](engine::EngineConfig& e) { e.dram.write_interval = Cycles(1); });
}
TEST(StreamsProperties, a_larger_write_buffer_is_never_slower) {
  expect_never_slower(127, [](engine::EngineConfig& e) { e.dma.write_buffer *= 2; });
}
TEST(StreamsProperties, more_credits_are_never_slower) {
  expect_never_slower(128, [](engine::EngineConfig& e) { e.accumulators.size = e.accumulators.size * 2; });
}
TEST(StreamsProperties, credits_that_return_sooner_are_never_slower) {
  expect_never_slower(129, [](engine::EngineConfig& e) { e.accumulators.credit_return = Cycles(0); });
}
TEST(StreamsProperties, a_wider_post_processor_is_never_slower) {
  expect_never_slower(130, [](engine::EngineConfig& e) { e.post_processing.width *= 2; });
}
TEST(StreamsProperties, more_bank_bandwidth_is_never_slower) {
  expect_never_slower(131, [](engine::EngineConfig& e) { e.memory.bank_bandwidth = e.memory.bank_bandwidth * 2.0; });
}
TEST(StreamsProperties, faster_weight_loading_is_never_slower) {
  expect_never_slower(132, [](engine::EngineConfig& e) { e.array.weight_load_kernels_per_cycle = 4; });
}
TEST(StreamsProperties, a_faster_lane_is_never_slower) {
  expect_never_slower(
      133, [](engine::EngineConfig& e) { e.array.precision_rate[static_cast<std::size_t>(Precision::kInt8)] = 2; });
}
TEST(StreamsProperties, faster_unpacking_is_never_slower) {
  expect_never_slower(134, [](engine::EngineConfig& e) {
    e.unpacking.first_pair = e.unpacking.second_pair = e.unpacking.column = 0.5;
    e.unpacking.row = Cycles(0);
  });
}

// Twice the lanes halve the blocks of every group; sizes and traffic stay.
TEST(StreamsProperties, twice_the_lanes_on_the_same_cubes_are_never_slower) {
  Comparison comparison;
  for_random_layers(135, kLayers, random_streams_engine, [&](const auto& s, const auto& plan, const auto& e) {
    mapping::TilePlan wider = plan;
    for (mapping::TileStep& step : wider.steps) step.blocks = ceil_div(step.blocks, 2);
    comparison.add(s, plan, e, sim::simulate(plan, s, e), sim::simulate(wider, s, e));
  });
  comparison.check();
}

// More weight banks let weights come earlier. Where that makes a subgraph slower, its input has waited longer for its
// turn.
TEST(StreamsProperties, more_weight_banks_are_slower_only_where_weights_take_the_port_from_the_input) {
  int planned = 0, slower = 0, faster = 0;
  for_random_layers(136, kLayers, random_streams_engine, [&](const auto& s, const auto& plan, const auto& e) {
    if (!s.shape.uses_array() || loaders_compete(s, plan, e)) return;
    engine::EngineConfig more = e;
    more.memory.weight_banks *= 2;
    const mapping::TilePlan replanned = mapping::plan_tiles(s, more);
    if (replanned.steps.size() != plan.steps.size()) return;  // larger groups: another plan
    ++planned;
    const record::Measurement before = sim::simulate(plan, s, e);
    const record::Measurement after = sim::simulate(replanned, s, more);
    EXPECT_EQ(unit(after, "input_loader").busy, unit(before, "input_loader").busy) << describe(s, e);
    faster += after.latency < before.latency ? 1 : 0;
    if (after.latency <= before.latency) return;
    ++slower;
    const std::int64_t lost = (after.latency - before.latency).count();
    EXPECT_GE(stall(after, "input_loader", "dram") - stall(before, "input_loader", "dram"), lost) << describe(s, e);
  });
  std::printf("  %d passes: %d faster, %d slower\n", planned, faster, slower);
  EXPECT_GE(planned, 500);
  EXPECT_GT(slower, 0);
  EXPECT_GT(faster, 0);
}

}  // namespace
}  // namespace lanewise
