// SPDX-License-Identifier: Apache-2.0
// Several engines in one simulation: what each does by itself, and what they cost each other at the DRAM.
#include "sim/engine_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/mapping/plan_tiles.hpp"
#include "tests/sim/random_layers.hpp"

namespace lanewise {
namespace {

using engine::EngineConfig;
using testing::addition;
using testing::convolution;
using testing::small_engine;

constexpr std::int64_t kWithoutEnd = std::numeric_limits<std::int64_t>::max();

// One subgraph on each engine, all started at once.
std::vector<record::Measurement> together(const std::vector<EngineConfig>& engines,
                                          const std::vector<mapping::Subgraph>& subgraphs) {
  std::vector<const EngineConfig*> pointers;
  std::vector<mapping::TilePlan> plans;
  for (std::size_t i = 0; i < engines.size(); ++i) {
    pointers.push_back(&engines[i]);
    plans.push_back(mapping::plan_tiles(subgraphs[i], engines[i]));
  }
  sim::EngineGroup group(pointers);
  for (std::size_t i = 0; i < engines.size(); ++i) group.start(i, {&plans[i], &subgraphs[i]});
  std::vector<record::Measurement> measured(engines.size());
  std::vector<sim::EngineGroup::Finished> finished;
  while (finished.size() < engines.size()) group.run_until(kWithoutEnd, finished);
  for (sim::EngineGroup::Finished& done : finished) measured[done.engine] = std::move(done.measurement);
  return measured;
}

record::Measurement alone(const EngineConfig& engine, const mapping::Subgraph& subgraph) {
  return sim::simulate(mapping::plan_tiles(subgraph, engine), subgraph, engine);
}

void expect_conserved(const record::Measurement& m) {
  for (const record::UnitTime& unit : m.units) {
    Cycles sum = unit.busy + unit.idle;
    for (const record::StallTime& stall : unit.stalled) sum += stall.cycles;
    EXPECT_EQ(sum.count(), m.latency.count()) << to_string(unit.unit);
  }
}

TEST(EngineGroup, an_engine_beside_idle_ones_takes_what_it_takes_alone) {
  const int layers =
      testing::for_random_layers(7, 300, testing::random_engine, [](const auto& s, const auto& plan, const auto& e) {
        EngineConfig idle = small_engine();
        idle.array.clock = e.array.clock;
        idle.dram.bandwidth = e.dram.bandwidth;
        const record::Measurement by_itself = sim::simulate(plan, s, e);
        sim::EngineGroup group({&idle, &e});
        group.start(1, {&plan, &s});
        std::vector<sim::EngineGroup::Finished> finished;
        group.run_until(kWithoutEnd, finished);
        ASSERT_EQ(finished.size(), 1u);
        const record::Measurement& m = finished.front().measurement;
        EXPECT_EQ(finished.front().engine, 1u);
        EXPECT_EQ(m.latency.count(), by_itself.latency.count()) << testing::describe(s, e);
        EXPECT_EQ(group.now(), by_itself.latency.count());
        EXPECT_EQ(m.energy.count(), by_itself.energy.count());
        EXPECT_EQ(m.dram_bytes().count(), by_itself.dram_bytes().count());
        for (const engine::ResourceName& name : engine::resource_names()) {
          EXPECT_EQ(m.gains[name.resource], by_itself.gains[name.resource]) << testing::describe(s, e);
        }
        expect_conserved(m);
      });
  EXPECT_GT(layers, 200);
}

// Bandwidth: all bytes of both pass through one memory, which is never idle between the first and the last of them.
TEST(EngineGroup, two_engines_bound_by_bandwidth_take_as_long_as_their_bytes) {
  EngineConfig engine = small_engine();
  engine.post_processing.width = 64;
  const mapping::Subgraph add = addition(64, 32);
  for (const std::size_t engines : {2u, 4u, 8u}) {
    const std::vector<record::Measurement> both =
        together(std::vector<EngineConfig>(engines, engine), std::vector<mapping::Subgraph>(engines, add));
    double bytes = 0;
    std::int64_t last = 0;
    for (const record::Measurement& m : both) {
      bytes += as_double(m.dram_bytes());
      last = std::max(last, m.latency.count());
      expect_conserved(m);
    }
    const double at_least = bytes / engine.dram_bandwidth().count();
    EXPECT_GE(as_double(last), at_least);
    EXPECT_LE(as_double(last), 1.01 * at_least) << engines;
    // Turns are even: all of them end together.
    for (const record::Measurement& m : both)
      EXPECT_NEAR(as_double(m.latency), as_double(last), 0.01 * as_double(last));
  }
}

TEST(EngineGroup, engines_bound_by_their_arrays_do_not_hold_each_other_up) {
  EngineConfig engine = small_engine();
  engine.dram.bandwidth = BytesPerSecond(64e9);
  const mapping::Subgraph work = convolution(64, 64, 24, 3);
  const std::int64_t by_itself = alone(engine, work).latency.count();
  for (const record::Measurement& m : together({engine, engine, engine, engine}, {work, work, work, work})) {
    EXPECT_GE(m.latency.count(), by_itself);
    EXPECT_LE(as_double(m.latency), 1.01 * as_double(by_itself));
  }
}

// Little's law: what one burst in flight cannot use of the bandwidth is left to the other engine.
TEST(EngineGroup, requests_that_limit_one_engine_leave_the_rest_to_the_other) {
  EngineConfig slow = small_engine(), fast = small_engine();
  slow.post_processing.width = fast.post_processing.width = 64;
  slow.dram.latency = Seconds(100e-9);
  slow.dram.burst = Bytes(16);
  slow.dram.outstanding_requests = 5;  // 0.8 of 4 bytes a cycle
  const mapping::Subgraph add = addition(64, 32);
  const std::int64_t slow_alone = alone(slow, add).latency.count(), fast_alone = alone(fast, add).latency.count();
  const std::vector<record::Measurement> both = together({slow, fast}, {add, add});
  // Reads take a fifth of the memory: the fast engine has four fifths, but for the slow one's stores.
  EXPECT_GT(both[1].latency.count(), fast_alone);
  EXPECT_LT(as_double(both[1].latency), 1.45 * as_double(fast_alone));
  EXPECT_LT(as_double(both[0].latency), 1.30 * as_double(slow_alone));
}

TEST(EngineGroup, a_later_start_shifts_an_engine_and_changes_nothing_else) {
  const EngineConfig engine = small_engine();
  const mapping::Subgraph work = convolution(16, 16, 12, 3);
  const mapping::TilePlan plan = mapping::plan_tiles(work, engine);
  const std::int64_t latency = sim::simulate(plan, work, engine).latency.count();
  sim::EngineGroup group({&engine, &engine});
  std::vector<sim::EngineGroup::Finished> finished;
  group.run_until(1000, finished);
  EXPECT_TRUE(finished.empty());
  EXPECT_EQ(group.now(), 1000);
  for (int turn = 1; turn <= 3; ++turn) {
    group.start(static_cast<std::size_t>(turn % 2), {&plan, &work});
    finished.clear();
    group.run_until(kWithoutEnd, finished);
    ASSERT_EQ(finished.size(), 1u);
    EXPECT_EQ(finished.front().measurement.latency.count(), latency);
    EXPECT_EQ(group.now(), 1000 + turn * latency);
  }
  EXPECT_EQ(sim::simulate(plan, work, engine).latency.count(), latency);
}

TEST(EngineGroup, equal_runs_give_equal_results) {
  testing::for_random_layers(21, 40, testing::random_engine, [](const auto& s, const auto&, const auto& e) {
    const std::vector<record::Measurement> once = together({e, e, e}, {s, s, s}),
                                           again = together({e, e, e}, {s, s, s});
    for (std::size_t i = 0; i < once.size(); ++i) {
      EXPECT_EQ(once[i].latency.count(), again[i].latency.count()) << testing::describe(s, e);
      expect_conserved(once[i]);
    }
  });
}

TEST(EngineGroup, engines_that_cannot_share_a_memory_are_refused) {
  const EngineConfig engine = small_engine(), streams = testing::small_streams_engine();
  EngineConfig other_clock = engine, other_memory = engine;
  other_clock.array.clock = Hertz(5e8);
  other_memory.dram.bandwidth = BytesPerSecond(8e9);
  EXPECT_THROW(sim::EngineGroup({&engine, &streams}), Error);
  EXPECT_THROW(sim::EngineGroup({&engine, &other_clock}), Error);
  EXPECT_THROW(sim::EngineGroup({&engine, &other_memory}), Error);
  EXPECT_THROW(sim::EngineGroup(std::vector<const EngineConfig*>(sim::kMostEngines + 1, &engine)), Error);
}

}  // namespace
}  // namespace lanewise
