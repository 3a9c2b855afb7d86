// SPDX-License-Identifier: Apache-2.0
// Subgraphs one behind the other in one simulation, over random ones.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "sim/simulate.hpp"
#include "tests/sim/random_layers.hpp"

namespace lanewise {
namespace {

using engine::EngineConfig;
using testing::describe;
using testing::random_engine;
using testing::random_layer;
using testing::random_streams_engine;

struct Network {
  EngineConfig engine;
  std::vector<mapping::Subgraph> subgraphs;
  std::vector<mapping::TilePlan> plans;

  std::vector<record::Measurement> run() const {
    std::vector<sim::PlannedSubgraph> planned;
    for (std::size_t i = 0; i < plans.size(); ++i) planned.push_back({&plans[i], &subgraphs[i]});
    return sim::simulate_sequence(planned, engine);
  }
};

// Two to six layers; each reads what some earlier one wrote, or none of them.
template <class MakeEngine>
Network random_network(Random& random, MakeEngine make_engine, bool dependent) {
  Network network;
  network.engine = make_engine(random);
  const std::int64_t layers = random.between(2, 6);
  while (static_cast<std::int64_t>(network.plans.size()) < layers) {
    mapping::Subgraph s = random_layer(random, network.engine);
    const auto number = static_cast<std::int64_t>(network.plans.size());
    s.output = "t" + std::to_string(number);
    if (dependent && number > 0) s.inputs = {"t" + std::to_string(random.between(0, number - 1))};
    try {
      network.plans.push_back(mapping::plan_tiles(s, network.engine));
    } catch (const Error&) {
      network.engine = make_engine(random);
      network.plans.clear();
      network.subgraphs.clear();
      continue;
    }
    network.subgraphs.push_back(s);
  }
  return network;
}

// Everything that was measured.
std::string text_of(const std::vector<record::Measurement>& measurements) {
  std::ostringstream text;
  text.precision(17);
  for (const record::Measurement& m : measurements) {
    text << m.latency.count() << ' ' << m.energy.count() << ' ' << m.dram_read.count() << ' ' << m.dram_write.count()
         << ' ' << m.sram_read.count() << ' ' << m.sram_write.count() << ' ' << m.bound_by << ' '
         << m.timestamps.first_mac.count() << ' ' << m.timestamps.done.count();
    for (const record::UnitTime& u : m.units) {
      text << '\n' << to_string(u.unit) << ' ' << u.busy.count() << ' ' << u.idle.count();
      for (const record::StallTime& stall : u.stalled)
        text << ' ' << to_string(stall.cause) << ' ' << stall.cycles.count();
    }
    text << '\n';
  }
  return text.str();
}

// Engines whose every rate divides a cycle, so that nothing is rounded.
EngineConfig whole_cycles(EngineConfig e, Random& random) {
  e.dram.outstanding_requests = 1024;
  e.memory.bank_bandwidth = BytesPerCycle(4096);
  e.memory.bank_size = Bytes(random.pick<std::int64_t>({1024, 4096}));
  e.dram.latency = Seconds(1e-9 * static_cast<double>(random.between(1, 200)));
  e.post_processing.width = random.pick<std::int64_t>({1, 4});
  e.command.per_pass = Cycles(random.between(0, 200));
  e.command.register_groups = 1;
  return e;
}

EngineConfig whole_cycles_of_tiles(Random& random) {
  EngineConfig e = whole_cycles(testing::small_engine(), random);
  e.dma.load_channels = random.between(1, 3);
  e.dma.store_channels = random.between(1, 2);
  return e;
}

EngineConfig whole_cycles_of_streams(Random& random) {
  EngineConfig e = whole_cycles(testing::small_streams_engine(), random);
  e.dram.read_interval = Cycles(random.between(1, 4));
  e.dram.write_interval = Cycles(random.between(1, 4));
  e.array.pass_gap = Cycles(0);  // the only thing that a subgraph leaves behind
  return e;
}

EngineConfig streams_one_by_one(Random& random) {
  EngineConfig e = random_streams_engine(random);
  e.command.register_groups = 1;
  e.array.pass_gap = Cycles(0);
  return e;
}

std::int64_t sum_of_latencies(const std::vector<record::Measurement>& measurements) {
  std::int64_t cycles = 0;
  for (const record::Measurement& m : measurements) cycles += m.latency.count();
  return cycles;
}

std::int64_t sum_alone(const Network& network) {
  std::int64_t cycles = 0;
  for (std::size_t i = 0; i < network.plans.size(); ++i) {
    cycles += sim::simulate(network.plans[i], network.subgraphs[i], network.engine).latency.count();
  }
  return cycles;
}

template <class MakeEngine>
void expect_sum_of_subgraphs(std::uint64_t seed, MakeEngine make_engine) {
  Random random(seed);
  for (int i = 0; i < 500 && !::testing::Test::HasFailure(); ++i) {
    const Network network = random_network(random, make_engine, i % 2 == 0);
    const std::vector<record::Measurement> together = network.run();
    ASSERT_EQ(together.size(), network.plans.size());
    for (std::size_t subgraph = 0; subgraph < together.size(); ++subgraph) {
      const mapping::Subgraph& s = network.subgraphs[subgraph];
      const record::Measurement alone = sim::simulate(network.plans[subgraph], s, network.engine);
      // Off the array, streams leave at an even pace of fractions of a cycle, and all behind them is rounded.
      if (network.plans[subgraph].streams && !s.shape.uses_array()) break;
      EXPECT_EQ(together[subgraph].latency, alone.latency) << subgraph << ": " << describe(s, network.engine);
      EXPECT_EQ(together[subgraph].dram_bytes(), alone.dram_bytes());
      EXPECT_EQ(together[subgraph].energy.count(), alone.energy.count());
      EXPECT_EQ(together[subgraph].bound_by, alone.bound_by);
    }
  }
}

TEST(Sequence, without_overlap_every_subgraph_of_tiles_takes_what_it_takes_alone) {
  expect_sum_of_subgraphs(201, whole_cycles_of_tiles);
}
TEST(Sequence, without_overlap_every_subgraph_of_streams_takes_what_it_takes_alone) {
  expect_sum_of_subgraphs(202, whole_cycles_of_streams);
}

TEST(Sequence, of_fractions_of_cycles_rounds_each_subgraph_by_one_at_most) {
  Random random(203);
  for (int i = 0; i < 300; ++i) {
    const Network network =
        i % 2 == 0 ? random_network(random, random_engine, true) : random_network(random, streams_one_by_one, true);
    const std::vector<record::Measurement> together = network.run();
    for (std::size_t subgraph = 0; subgraph < together.size(); ++subgraph) {
      const record::Measurement alone =
          sim::simulate(network.plans[subgraph], network.subgraphs[subgraph], network.engine);
      EXPECT_NEAR(static_cast<double>(together[subgraph].latency.count()), static_cast<double>(alone.latency.count()),
                  1.0);
    }
  }
}

template <class MakeEngine>
void expect_no_longer_than_the_sum(std::uint64_t seed, MakeEngine make_engine, bool dependent) {
  Random random(seed);
  double hidden = 0, all = 0, worst = 1;
  int longer = 0;
  for (int i = 0; i < 500; ++i) {
    const Network network = random_network(random, make_engine, dependent);
    const std::int64_t whole = sum_of_latencies(network.run());
    const std::int64_t alone = sum_alone(network);
    // What the array keeps between two subgraphs is no part of a subgraph alone.
    const std::int64_t gaps =
        network.engine.array.pass_gap.count() * static_cast<std::int64_t>(network.plans.size() - 1);
    longer += whole > alone + gaps ? 1 : 0;
    worst = std::max(worst, static_cast<double>(whole - gaps) / static_cast<double>(alone));
    hidden += static_cast<double>(alone - whole);
    all += static_cast<double>(alone);
  }
  std::printf("  %.1f %% of the passes' cycles are hidden; %d of 500 sequences longer, at worst by %.2f %%\n",
              100 * hidden / all, longer, 100 * (worst - 1));
  EXPECT_GT(hidden, 0);
  // Where a subgraph's prefetch takes the port from what the subgraph before it still reads.
  EXPECT_LE(longer, 10);
  EXPECT_LE(worst, 1.05);
}

EngineConfig overlapping_tiles(Random& random) {
  EngineConfig e = random_engine(random);
  e.command.register_groups = random.between(2, 4);
  return e;
}

TEST(Sequence, independent_streams_that_overlap_take_no_longer_than_their_sum) {
  expect_no_longer_than_the_sum(211, random_streams_engine, false);
}
TEST(Sequence, dependent_streams_that_overlap_take_no_longer_than_their_sum) {
  expect_no_longer_than_the_sum(212, random_streams_engine, true);
}
TEST(Sequence, independent_tiles_that_overlap_take_no_longer_than_their_sum) {
  expect_no_longer_than_the_sum(213, overlapping_tiles, false);
}

TEST(Sequence, every_unit_accounts_for_every_cycle_of_every_subgraph) {
  Random random(221);
  int subgraphs = 0;
  for (int i = 0; i < 900; ++i) {
    const bool dependent = i % 2 == 0;
    const Network network = i % 3 == 0   ? random_network(random, random_streams_engine, dependent)
                            : i % 3 == 1 ? random_network(random, overlapping_tiles, dependent)
                                         : random_network(random, random_engine, dependent);
    for (const record::Measurement& m : network.run()) {
      ++subgraphs;
      for (const record::UnitTime& u : m.units) {
        std::int64_t sum = u.busy.count() + u.idle.count();
        for (const record::StallTime& stall : u.stalled) sum += stall.cycles.count();
        EXPECT_EQ(sum, m.latency.count()) << to_string(u.unit) << " " << i;
        EXPECT_GE(u.idle.count(), 0) << to_string(u.unit);
      }
    }
  }
  EXPECT_GE(subgraphs, 2000);
}

TEST(Sequence, the_answer_depends_neither_on_what_ran_before_nor_on_the_process) {
  Random random(231);
  std::vector<Network> networks;
  for (int i = 0; i < 60; ++i) {
    networks.push_back(i % 2 == 0 ? random_network(random, random_streams_engine, true)
                                  : random_network(random, overlapping_tiles, true));
  }
  std::vector<std::string> forwards, backwards(networks.size());
  for (const Network& network : networks) forwards.push_back(text_of(network.run()));
  for (std::size_t i = networks.size(); i-- > 0;) backwards[i] = text_of(networks[i].run());
  EXPECT_EQ(forwards, backwards);

  // A process of its own, which simulates one of them and no other.
  for (const std::size_t one : {7u, 30u}) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const std::string text = text_of(networks[one].run());
      const bool written = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
      _exit(written ? 0 : 1);
    }
    close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(text, forwards[one]);
  }
}

}  // namespace
}  // namespace lanewise
