// SPDX-License-Identifier: Apache-2.0
// Small networks side by side: against their single simulations, a schedule drawn anew, and theory.
#include "study/workload/answer_workload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sim/pool/worker_pool.hpp"
#include "sim/simulate.hpp"
#include "study/evaluation/answer.hpp"
#include "study/workload/fitting_sets.hpp"
#include "study/workload/memory_shares.hpp"
#include "tests/core/network/rewrite_draft.hpp"

namespace lanewise::study {
namespace {

using network::testing::Draft;

engine::EngineConfig load(const std::string& name, const std::vector<engine::Override>& overrides = {}) {
  return engine::load_engine("hwconfigs/" + name + ".yaml", overrides).config;
}

// A chain of convolutions with an activation kept between any two of them.
network::Graph chain(int layers, std::int64_t channels, std::int64_t size, std::int64_t kernel) {
  Draft draft;
  network::TensorId at = draft.input({1, 8, size, size});
  for (int i = 0; i < layers; ++i) at = draft.convolution("conv" + std::to_string(i), at, channels, kernel);
  return draft.done(at);
}

struct Case {
  std::vector<network::Graph> graphs;
  std::vector<engine::EngineConfig> engines;
  Workload workload;

  WorkloadQuestion question() const {
    WorkloadQuestion question;
    question.workload = &workload;
    for (const network::Graph& graph : graphs) question.graphs.push_back(&graph);
    for (const engine::EngineConfig& engine : engines) question.engines.push_back(&engine);
    return question;
  }
  WorkloadAnswer answer() const {
    const auto source = make_simulator();
    return answer_workload(question(), *source);
  }
  WorkloadNetwork& add(network::Graph graph, double period, double priority = 0) {
    graphs.push_back(std::move(graph));
    WorkloadNetwork network;
    network.name = std::string(1, static_cast<char>('a' + workload.networks.size()));
    network.period = network.deadline = Seconds(period);
    network.priority = priority;
    workload.networks.push_back(network);
    return workload.networks.back();
  }
};

void expect_conserved(const WorkloadAnswer& answer) {
  for (const EngineUse& engine : answer.engines) {
    ASSERT_FALSE(engine.units.empty());
    for (const record::UnitTime& unit : engine.units) {
      Cycles sum = unit.busy + unit.idle;
      for (const record::StallTime& stall : unit.stalled) sum += stall.cycles;
      EXPECT_EQ(sum.count(), answer.elapsed_cycles) << engine.name << " " << to_string(unit.unit);
      EXPECT_GE(unit.idle.count(), answer.elapsed_cycles - engine.busy_cycles);
    }
  }
}

TEST(Workload, one_network_alone_takes_its_single_simulation) {
  const std::vector<engine::EngineConfig> engines = {
      load("ne-256"), load("ne-256", {{"command.register_groups", "2"}, {"dma.prefetch_weights", "true"}}),
      load("ne-256", {{"mapping.cascade", "true"}}), load("nvdla-small"), load("neureka")};
  for (const engine::EngineConfig& engine : engines) {
    Case one;
    one.engines = {engine};
    one.add(chain(4, 24, 20, 3), 0.002);
    one.workload.frames = 3;
    const WorkloadAnswer answer = one.answer();
    const NetworkAnswer single = simulate_network(one.graphs.front(), engine);
    ASSERT_EQ(answer.frames.size(), 3u);
    for (const FrameRun& frame : answer.frames) {
      EXPECT_EQ(frame.response(), single.total.latency_cycles) << engine.name;
      EXPECT_EQ(frame.service, single.total.latency_cycles) << engine.name;
    }
    EXPECT_EQ(answer.dram_bytes, 3 * single.total.dram_bytes) << engine.name;
    // Energy: three frames at work, and at rest what leaks.
    const double rest_s = as_double(answer.elapsed_cycles - 3 * single.total.latency_cycles) / answer.clock_hz;
    const double energy_uj = 3 * single.total.energy_uj + engine.static_power().count() * rest_s * 1e3;
    EXPECT_NEAR(answer.energy_uj, energy_uj, 1e-9 * energy_uj) << engine.name;
    EXPECT_TRUE(answer.fits);
    expect_conserved(answer);
  }
}

// A schedule drawn anew from what each command takes by itself: command by command, with no more than a list of frames.
std::vector<std::int64_t> drawn_anew(const Case& what, Policy policy) {
  std::vector<NetworkShare> shares;
  for (const network::Graph& graph : what.graphs) shares.push_back({&graph, std::nullopt, ""});
  const std::vector<PlannedNetwork> plans = plan_side_by_side(shares, what.engines.front());
  std::vector<std::vector<std::int64_t>> cycles;
  for (const PlannedNetwork& plan : plans) {
    cycles.emplace_back();
    for (const mapping::Subgraph& command : plan.commands) {
      cycles.back().push_back(sim::simulate(command, what.engines.front()).latency.count());
    }
  }
  struct Frame {
    std::size_t network;
    std::int64_t release, deadline, done;
    std::size_t next;
  };
  const double clock = what.engines.front().array.clock.count();
  std::vector<Frame> frames;
  for (std::size_t n = 0; n < what.graphs.size(); ++n) {
    const WorkloadNetwork& network = what.workload.networks[n];
    for (int i = 0; i < *what.workload.frames; ++i) {
      const std::int64_t release = std::llround((network.offset.count() + i * network.period.count()) * clock);
      frames.push_back({n, release, release + std::llround(network.deadline.count() * clock), -1, 0});
    }
  }
  std::stable_sort(frames.begin(), frames.end(), [](const Frame& a, const Frame& b) { return a.release < b.release; });
  for (std::int64_t now = 0;;) {
    Frame* best = nullptr;
    std::int64_t next = -1;
    for (Frame& frame : frames) {
      if (frame.done >= 0) continue;
      if (next < 0) next = frame.release;
      if (frame.release > now) break;
      const auto first = [&](const Frame& f) {
        switch (policy) {
          case Policy::kFixedPriority:
            return -what.workload.networks[f.network].priority;
          case Policy::kEarliestDeadlineFirst:
            return as_double(f.deadline);
          default:
            return as_double(f.release);
        }
      };
      if (best == nullptr || first(frame) < first(*best)) best = &frame;
    }
    if (next < 0) break;
    if (best == nullptr) {
      now = next;
      continue;
    }
    now += cycles[best->network][best->next++];
    if (best->next == cycles[best->network].size()) best->done = now;
  }
  std::vector<std::int64_t> done;
  for (const Frame& frame : frames) done.push_back(frame.done);
  return done;
}

Case three_networks() {
  Case three;
  three.engines = {load("ne-256")};
  three.add(chain(5, 16, 16, 3), 0.0004, 3).offset = Seconds(0.00002);
  three.add(chain(3, 48, 24, 3), 0.0011, 1).deadline = Seconds(0.0009);
  three.add(chain(4, 32, 12, 1), 0.0003, 2).deadline = Seconds(0.0002);
  three.workload.frames = 12;
  return three;
}

TEST(Workload, three_networks_follow_the_schedule_of_their_commands) {
  for (const Policy policy : {Policy::kFixedPriority, Policy::kEarliestDeadlineFirst, Policy::kFirstComeFirstServed}) {
    Case three = three_networks();
    three.workload.policy = policy;
    const WorkloadAnswer answer = three.answer();
    std::vector<std::int64_t> done;
    for (const FrameRun& frame : answer.frames) done.push_back(frame.done);
    EXPECT_EQ(done, drawn_anew(three, policy)) << to_string(policy);
    EXPECT_GT(answer.engines.front().switches, 20);
    expect_conserved(answer);
  }
}

TEST(Workload, answers_do_not_depend_on_the_number_of_workers) {
  const Case three = three_networks();
  const WorkloadAnswer here = three.answer();
  for (const int workers : {1, 3}) {
    const auto source = make_simulator(sim::default_worker_path(), workers);
    const WorkloadAnswer there = answer_workload(three.question(), *source);
    ASSERT_EQ(here.frames.size(), there.frames.size());
    for (std::size_t i = 0; i < here.frames.size(); ++i) EXPECT_EQ(here.frames[i].done, there.frames[i].done);
    EXPECT_EQ(here.energy_uj, there.energy_uj);
  }
}

TEST(Workload, what_networks_keep_has_banks_of_its_own) {
  const engine::EngineConfig engine = load("ne-256");
  std::vector<network::Graph> graphs;
  for (int i = 0; i < 3; ++i) graphs.push_back(chain(4, 16, 12 + 4 * i, 3));
  std::vector<NetworkShare> shares;
  for (const network::Graph& graph : graphs) shares.push_back({&graph, std::nullopt, ""});
  const std::vector<PlannedNetwork> plans = plan_side_by_side(shares, engine);
  std::int64_t kept = 0, banks = 0;
  for (const PlannedNetwork& plan : plans) {
    kept += plan.kept_banks;
    banks += plan.banks;
    EXPECT_GT(plan.kept_banks, 0);
  }
  EXPECT_LE(banks, engine.memory.activation_banks);
  for (const PlannedNetwork& plan : plans) {
    const std::int64_t others = kept - plan.kept_banks;
    for (const mapping::Subgraph& command : plan.commands) {
      EXPECT_GE(command.context.resident_banks, others);
      EXPECT_LE(command.context.resident_banks, others + plan.banks);
    }
  }
  // A share that a person gives is kept to; more than there is is refused.
  shares[0].banks = 6;
  EXPECT_EQ(plan_side_by_side(shares, engine)[0].banks, 6);
  shares[1].banks = 12;
  EXPECT_THROW(plan_side_by_side(shares, engine), Error);
}

TEST(Workload, a_stop_drains_an_engine_that_programs_ahead) {
  Case two;
  two.engines = {load("nvdla-small")};
  two.add(chain(6, 16, 16, 3), 1, 1);
  two.add(chain(1, 16, 4, 1), 1, 2);
  two.workload.frames = 1;
  const std::int64_t alone = two.answer().networks[0].alone_cycles;
  const double clock = two.engines.front().array.clock.count();
  int stopped = 0;
  for (int part = 1; part < 10; ++part) {
    two.workload.networks[1].offset = Seconds(as_double(alone) * part / 10 / clock);
    const WorkloadAnswer answer = two.answer();
    // The first network is held up by all of the second and by what no longer overlaps; or its last command was
    // programmed already, and the second waits for it.
    if (answer.frames[1].begin < answer.frames[0].done) {
      ++stopped;
      EXPECT_GE(answer.frames[0].done, alone + answer.frames[1].service);
    } else {
      EXPECT_EQ(answer.frames[0].done, alone);
    }
    EXPECT_LE(as_double(answer.frames[0].service), 1.1 * as_double(alone));
    EXPECT_EQ(answer.frames[1].service, answer.networks[1].alone_cycles);
    expect_conserved(answer);
  }
  EXPECT_GE(stopped, 5);
}

// Two engines that add maps: all of it waits for the DRAM.
Case two_engines(std::int64_t kernel, std::int64_t channels, const std::string& bandwidth) {
  Case two;
  two.engines = {load("ne-1024", {{"dram.bandwidth", bandwidth}, {"memory.keep_activations", "false"}}),
                 load("ne-1024", {{"dram.bandwidth", bandwidth}, {"memory.keep_activations", "false"}})};
  two.workload.engines = {{"left", "", {}}, {"right", "", {}}};
  for (int i = 0; i < 2; ++i) {
    WorkloadNetwork& network = two.add(chain(3, channels, 48, kernel), 1);
    network.engine = i == 0 ? "left" : "right";
  }
  two.workload.frames = 1;
  return two;
}

TEST(Workload, engines_bound_by_one_dram_take_as_long_as_their_bytes) {
  const Case two = two_engines(1, 16, "0.8 GB/s");
  const WorkloadAnswer together = two.answer();
  ASSERT_TRUE(together.contention);
  const double at_least = as_double(together.dram_bytes) / two.engines.front().dram_bandwidth().count();
  const std::int64_t last = std::max(together.frames[0].done, together.frames[1].done);
  EXPECT_GE(as_double(last), at_least);
  EXPECT_LE(as_double(last), 1.02 * at_least);
  expect_conserved(together);
  Case apart = two;
  apart.workload.shares_dram = false;
  const WorkloadAnswer own = apart.answer();
  EXPECT_FALSE(own.contention);
  EXPECT_NEAR(as_double(last), 2 * as_double(own.frames[0].done), 0.05 * as_double(last));
}

TEST(Workload, engines_bound_by_their_arrays_do_not_hold_each_other_up) {
  Case two = two_engines(3, 96, "12.8 GB/s");
  const WorkloadAnswer together = two.answer();
  const NetworkAnswer single = simulate_network(two.graphs[0], two.engines[0]);
  for (const FrameRun& frame : together.frames) {
    EXPECT_GE(frame.response(), single.total.latency_cycles);
    EXPECT_LE(as_double(frame.response()), 1.02 * as_double(single.total.latency_cycles));
  }
}

// Without a rival the simulation of all engines gives what each gives by itself.
TEST(Workload, an_engine_beside_an_idle_one_keeps_its_cycles) {
  Case two = two_engines(1, 16, "0.8 GB/s");
  two.workload.networks[1].offset = Seconds(0.5);
  const WorkloadAnswer answer = two.answer();
  ASSERT_TRUE(answer.contention);
  const NetworkAnswer single = simulate_network(two.graphs[0], two.engines[0]);
  for (const FrameRun& frame : answer.frames) EXPECT_EQ(frame.response(), single.total.latency_cycles);
  expect_conserved(answer);
}

TEST(Workload, overload_is_said) {
  Case one;
  one.engines = {load("ne-256")};
  one.add(chain(4, 24, 20, 3), 1);
  one.workload.frames = 1;
  const WorkloadAnswer once = one.answer();
  one.workload.networks[0].period = Seconds(0.8 * as_double(once.networks[0].alone_cycles) / once.clock_hz);
  one.workload.frames = 100000;
  const WorkloadAnswer answer = one.answer();
  EXPECT_TRUE(answer.overload);
  EXPECT_FALSE(answer.fits);
  EXPECT_NEAR(answer.objectives.highest_demand, 1.25, 0.01);
  EXPECT_TRUE(std::isinf(answer.objectives.worst_response_ratio));
  EXPECT_GE(answer.networks[0].undone, kMostWaiting);
  EXPECT_FALSE(answer.reasons.empty());
}

TEST(Workload, the_largest_sets_that_fit_are_found) {
  Case three;
  three.engines = {load("nvdla-small")};  // keeps nothing on chip, so that a network takes as long in every set
  for (int i = 0; i < 3; ++i) three.add(chain(3, 16, 16, 3), 1).name = std::string(1, static_cast<char>('a' + i));
  three.workload.policy = Policy::kEarliestDeadlineFirst;
  three.workload.frames = 8;
  const double alone = as_double(three.answer().networks[0].alone_cycles) / three.engines[0].array.clock.count();
  // Of the time of one engine they ask for 50, 45 and 60 %: the first two fit together, the third by itself.
  three.workload.networks[0].period = Seconds(alone / 0.50);
  three.workload.networks[1].period = Seconds(alone / 0.45);
  three.workload.networks[2].period = Seconds(alone / 0.60);
  for (WorkloadNetwork& network : three.workload.networks) network.deadline = Seconds(network.period.count() * 1.3);
  const auto source = make_simulator();
  std::vector<std::vector<std::size_t>> maximal;
  const std::vector<NetworkSet> sets = fitting_sets(three.question(), *source);
  EXPECT_EQ(sets.size(), 7u);
  for (const NetworkSet& set : sets) {
    if (set.maximal) maximal.push_back(set.networks);
  }
  EXPECT_EQ(maximal, (std::vector<std::vector<std::size_t>>{{0, 1}, {2}}));
}

TEST(Workload, a_batch_of_questions_is_answered_as_each_by_itself) {
  const Case three = three_networks();
  Case one;
  one.engines = {load("nvdla-small")};
  one.add(chain(4, 24, 20, 3), 0.002);
  one.workload.frames = 2;
  Case wrong = three;
  wrong.workload.networks[0].banks = 100;
  const auto source = make_simulator();
  const std::vector<WorkloadAnswer> answers =
      answer_workloads({three.question(), wrong.question(), one.question()}, *source);
  EXPECT_EQ(answers[0].frames.back().done, three.answer().frames.back().done);
  EXPECT_NE(answers[1].failure, "");
  EXPECT_EQ(answers[2].frames.back().done, one.answer().frames.back().done);
}

}  // namespace
}  // namespace lanewise::study
