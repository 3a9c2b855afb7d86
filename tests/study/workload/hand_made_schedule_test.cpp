// SPDX-License-Identifier: Apache-2.0
// Three networks on one engine, with commands of round lengths: every frame where a person would draw it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "study/workload/table_machines.hpp"

namespace lanewise::study {
namespace {

using Cells = std::vector<std::vector<std::int64_t>>;

// Commands that take so many cycles, on an engine with one register group.
class Table {
 public:
  Table(const Table&) = delete;
  explicit Table(const Cells& cycles, std::vector<std::vector<bool>> may_stop = {}) {
    networks_.resize(cycles.size());
    results_.resize(cycles.size());
    for (std::size_t n = 0; n < cycles.size(); ++n) {
      for (const std::int64_t each : cycles[n]) {
        record::SubgraphResult result;
        result.measurement.latency = Cycles(each);
        results_[n].push_back(result);
      }
      networks_[n].commands.resize(cycles[n].size());
      networks_[n].may_stop_after = may_stop.empty() ? std::vector<bool>(cycles[n].size(), true) : may_stop[n];
      std::vector<const record::SubgraphResult*> alone;
      for (const record::SubgraphResult& result : results_[n]) alone.push_back(&result);
      costs_.push_back(std::make_unique<CommandCosts>(networks_[n], engine_, alone, record::Source::kSimulated));
    }
  }

  Schedule run(Policy policy, std::vector<FrameSource> sources, std::size_t engines = 1) {
    std::vector<std::vector<CommandCosts*>> costs;
    std::vector<std::vector<std::size_t>> commands;
    for (const auto& cost : costs_) {
      costs.emplace_back(engines, cost.get());
      commands.emplace_back(engines, cost->commands());
    }
    TableMachines machines(std::move(costs), std::vector<std::int64_t>(engines, 1));
    return run_schedule(Dispatcher(policy, std::move(sources), engines), machines, commands, engines);
  }

 private:
  engine::EngineConfig engine_;
  std::vector<PlannedNetwork> networks_;
  std::vector<std::vector<record::SubgraphResult>> results_;
  std::vector<std::unique_ptr<CommandCosts>> costs_;
};

FrameSource source(std::vector<std::int64_t> releases, std::int64_t deadline, double priority) {
  FrameSource out;
  out.releases = std::move(releases);
  out.deadline = deadline;
  out.priority = priority;
  out.engine = 0;
  return out;
}

// By network, the moments at which its frames are done.
Cells done(const Schedule& schedule, std::size_t networks) {
  Cells out(networks);
  for (const FrameRun& frame : schedule.frames) out[frame.network].push_back(frame.done);
  return out;
}

// "A0[0-30] B0[30-50] …", in the order of their start.
std::string drawn(const Schedule& schedule) {
  std::string text;
  for (const CommandRun& run : schedule.runs) {
    text += (text.empty() ? "" : " ") + std::string(1, static_cast<char>('A' + run.network)) +
            std::to_string(run.frame) + "[" + std::to_string(run.begin) + "-" + std::to_string(run.end) + "]";
  }
  return text;
}

// A: 2 commands of 10, every 50 from 0. B: 3 of 15, at 5. C: 1 of 20 and 2 of 5, at 8.
const Cells kCommands = {{10, 10}, {15, 15, 15}, {20, 5, 5}};

std::vector<FrameSource> sources() { return {source({0, 50, 100}, 40, 3), source({5}, 60, 2), source({8}, 200, 1)}; }

TEST(HandMadeSchedule, fixed_priority) {
  const Schedule schedule = Table(kCommands).run(Policy::kFixedPriority, sources());
  // A is done at 20; B runs 20-50 and stops there for the second A; then B's last command; then C up to the third A.
  EXPECT_EQ(drawn(schedule), "A0[0-20] B0[20-50] A1[50-70] B0[70-85] C0[85-105] A2[105-125] C0[125-135]");
  EXPECT_EQ(done(schedule, 3), (Cells{{20, 70, 125}, {85}, {135}}));
  EXPECT_EQ(schedule.frames[1].service, 45);
  EXPECT_EQ(schedule.frames[1].begin, 20);
  EXPECT_TRUE(schedule.frames[1].missed);  // 80 cycles for 60
  EXPECT_FALSE(schedule.frames[2].missed);
  EXPECT_EQ(schedule.elapsed, 135);
}

TEST(HandMadeSchedule, earliest_deadline_first) {
  std::vector<FrameSource> early = sources();
  early[2].deadline = 40;  // C by 48, B by 65, the second A by 90
  const Schedule schedule = Table(kCommands).run(Policy::kEarliestDeadlineFirst, early);
  EXPECT_EQ(drawn(schedule), "A0[0-20] C0[20-50] B0[50-95] A1[95-115] A2[115-135]");
  EXPECT_EQ(done(schedule, 3), (Cells{{20, 115, 135}, {95}, {50}}));
}

TEST(HandMadeSchedule, first_come_first_served) {
  const Schedule schedule = Table(kCommands).run(Policy::kFirstComeFirstServed, sources());
  EXPECT_EQ(drawn(schedule), "A0[0-20] B0[20-65] C0[65-95] A1[95-115] A2[115-135]");
  EXPECT_EQ(done(schedule, 3), (Cells{{20, 115, 135}, {65}, {95}}));
}

TEST(HandMadeSchedule, round_robin) {
  const Schedule schedule = Table(kCommands).run(Policy::kRoundRobin, sources());
  // At 10 both others are there: command by command B, C, A; A's second frame comes at 50.
  EXPECT_EQ(drawn(schedule),
            "A0[0-10] B0[10-25] C0[25-45] A0[45-55] B0[55-70] C0[70-75] A1[75-85] B0[85-100] C0[100-105] "
            "A1[105-115] A2[115-135]");
  EXPECT_EQ(done(schedule, 3), (Cells{{55, 115, 135}, {100}, {105}}));
}

TEST(HandMadeSchedule, a_command_is_never_taken_from_its_engine) {
  const Schedule schedule =
      Table(Cells{{100}, {1}}).run(Policy::kFixedPriority, {source({0}, 1000, 1), source({1, 2}, 1000, 2)});
  EXPECT_EQ(drawn(schedule), "A0[0-100] B0[100-101] B1[101-102]");
}

TEST(HandMadeSchedule, a_release_at_the_moment_of_a_decision_counts) {
  const Schedule schedule =
      Table({{10, 10}, {5}}).run(Policy::kFixedPriority, {source({0}, 1000, 1), source({10}, 1000, 2)});
  EXPECT_EQ(drawn(schedule), "A0[0-10] B0[10-15] A0[15-25]");
}

TEST(HandMadeSchedule, a_cascade_runs_to_its_end) {
  const Schedule schedule = Table({{10, 10, 10}, {5}}, {{false, true, true}, {true}})
                                .run(Policy::kFixedPriority, {source({0}, 1000, 1), source({3}, 1000, 2)});
  EXPECT_EQ(drawn(schedule), "A0[0-20] B0[20-25] A0[25-35]");
}

TEST(HandMadeSchedule, a_full_queue_drops_frames) {
  std::vector<FrameSource> one = {source({0, 10, 20, 30, 40}, 60, 1)};
  one[0].queue = 1;
  const Schedule schedule = Table(Cells{{25}}).run(Policy::kFirstComeFirstServed, one);
  // The first runs until 25, the second waits from 10 on: the third is dropped. The fourth waits from 30, so the fifth
  // is dropped.
  EXPECT_EQ(done(schedule, 1), (Cells{{25, 50, -1, 75, -1}}));
  EXPECT_TRUE(schedule.frames[2].dropped);
  EXPECT_TRUE(schedule.frames[2].missed);
  EXPECT_FALSE(schedule.frames[3].dropped);
}

TEST(HandMadeSchedule, frames_that_may_run_anywhere_take_the_engine_that_is_free) {
  std::vector<FrameSource> any = {source({0, 0, 0}, 1000, 1)};
  any[0].engine.reset();
  const Schedule schedule = Table({{10, 10}}).run(Policy::kFirstComeFirstServed, any, 2);
  EXPECT_EQ(done(schedule, 1), (Cells{{20, 20, 40}}));
  EXPECT_EQ(schedule.frames[0].engine, 0u);
  EXPECT_EQ(schedule.frames[1].engine, 1u);
  EXPECT_EQ(schedule.frames[2].engine, 0u);
}

TEST(HandMadeSchedule, an_overloaded_engine_is_given_up) {
  std::vector<std::int64_t> releases;
  for (std::int64_t i = 0; i < 100000; ++i) releases.push_back(10 * i);
  const Schedule schedule = Table(Cells{{15}}).run(Policy::kFirstComeFirstServed, {source(releases, 10, 1)});
  ASSERT_TRUE(schedule.overflow.has_value());
  EXPECT_EQ(*schedule.overflow, 0u);
  // One frame in three is left behind.
  EXPECT_NEAR(as_double(schedule.elapsed), 3.0 * 10 * as_double(kMostWaiting), 60);
}

}  // namespace
}  // namespace lanewise::study
