// SPDX-License-Identifier: Apache-2.0
// What chips with a driver do differently from bare engines: software launches every subgraph (`command.launch_time`),
// and the array of a streamed engine computes on what has come (`dma.overlap`). Over random layers and engines.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"
#include "tests/sim/random_layers.hpp"

namespace lanewise {
namespace {

using testing::describe;
using testing::for_random_layers;
using testing::random_engine;
using testing::random_streams_engine;

constexpr int kLayers = 600;

engine::EngineConfig launched(engine::EngineConfig e, std::int64_t cycles) {
  e.command.launch = Seconds(static_cast<double>(cycles) / e.array.clock.count());
  return e;
}

TEST(Launch, comes_before_a_subgraph_and_changes_nothing_else) {
  for (const auto random : {random_engine, random_streams_engine}) {
    const int planned = for_random_layers(401, kLayers, random, [](const auto& s, const auto& plan, const auto& e) {
      const record::Measurement without = sim::simulate(plan, s, e);
      const record::Measurement with = sim::simulate(plan, s, launched(e, 50000));
      // Moments are fractions of cycles, rounded up where they are answered.
      EXPECT_LE(std::abs(with.latency.count() - without.latency.count() - 50000), 1) << describe(s, e);
      EXPECT_EQ(with.timestamps.load_enabled.count(), without.timestamps.load_enabled.count() + 50000);
      EXPECT_EQ(with.dram_bytes().count(), without.dram_bytes().count());
    });
    EXPECT_GE(planned, kLayers / 2);
  }
}

// Whatever the register groups, nothing is programmed ahead of a launch.
TEST(Launch, waits_for_the_end_of_the_subgraph_before) {
  const int planned =
      for_random_layers(402, 200, random_streams_engine, [](const auto& s, const auto& plan, const auto& e) {
        engine::EngineConfig ahead = e;
        ahead.command.register_groups = 2;
        const engine::EngineConfig driven = launched(ahead, 3000);
        const auto alone = sim::simulate(plan, s, driven).latency.count();
        const std::vector<record::Measurement> both = sim::simulate_sequence({{&plan, &s}, {&plan, &s}}, driven);
        EXPECT_LE(std::abs(both[0].latency.count() + both[1].latency.count() - 2 * alone), 2) << describe(s, e);
        EXPECT_FALSE(driven.overlaps_subgraphs());
      });
  EXPECT_GE(planned, 100);
}

// On one plan the array has no more to wait for. Where loaders compete, what it does sooner may ask for weights sooner,
// and put off the input: rare, and little.
TEST(Overlap, is_seldom_slower_and_often_faster) {
  int faster = 0, slower = 0;
  double worst = 1, best = 1;
  const int planned =
      for_random_layers(403, kLayers, random_streams_engine, [&](const auto& s, const auto& plan, const auto& e) {
        engine::EngineConfig overlapping = e;
        overlapping.dma.overlap = true;
        const auto before = sim::simulate(plan, s, e), after = sim::simulate(plan, s, overlapping);
        EXPECT_EQ(after.macs, before.macs) << describe(s, e);
        EXPECT_EQ(after.dram_bytes().count(), before.dram_bytes().count()) << describe(s, e);
        const double ratio = static_cast<double>(after.latency.count()) /
                             static_cast<double>(std::max<std::int64_t>(1, before.latency.count()));
        faster += ratio < 0.95 ? 1 : 0;
        slower += ratio > 1 ? 1 : 0;
        worst = std::max(worst, ratio);
        best = std::min(best, ratio);
        for (const record::UnitTime& u : after.units) {
          std::int64_t sum = u.busy.count() + u.idle.count();
          for (const record::StallTime& stall : u.stalled) sum += stall.cycles.count();
          EXPECT_EQ(sum, after.latency.count()) << to_string(u.unit) << ": " << describe(s, e);
        }
      });
  std::printf("  %d of %d faster by 5 %% or more, %d slower, ratios %.3f to %.3f\n", faster, planned, slower, best,
              worst);
  EXPECT_GE(planned, kLayers / 2);
  EXPECT_GE(faster, planned / 10);
  EXPECT_LE(slower, planned / 20);
  EXPECT_LE(worst, 1.1);
  EXPECT_GE(best, 0.5);  // loading and computing overlap: at best the shorter of two is hidden
}

// One memory for reads and writes: never faster than two, nor than all that it has to move.
TEST(HalfDuplex, takes_the_time_of_reads_and_writes_together) {
  int slower = 0;
  const int planned =
      for_random_layers(404, kLayers, random_streams_engine, [&](const auto& s, const auto& plan, const auto& e) {
        engine::EngineConfig shared = e;
        shared.dram.half_duplex = true;
        const auto before = sim::simulate(plan, s, e), after = sim::simulate(plan, s, shared);
        // Where loaders compete, turns of another length may bring an urgent request sooner.
        EXPECT_GE(1.01 * static_cast<double>(after.latency.count()) + 1, static_cast<double>(before.latency.count()))
            << describe(s, e);
        EXPECT_EQ(after.dram_bytes().count(), before.dram_bytes().count()) << describe(s, e);
        const double move = static_cast<double>(after.dram_bytes().count()) / shared.dram_bandwidth().count();
        EXPECT_GE(static_cast<double>(after.latency.count()) + 1, move) << describe(s, e);
        slower += after.latency > before.latency ? 1 : 0;
      });
  EXPECT_GE(planned, kLayers / 2);
  EXPECT_GE(slower, planned / 10);
}

}  // namespace
}  // namespace lanewise
