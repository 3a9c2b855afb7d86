// SPDX-License-Identifier: Apache-2.0
#include "study/advice/advice.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "core/base/error.hpp"
#include "study/advice/apply_moves.hpp"
#include "study/evaluation/answer.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

// Two kinds of moves on MobileNetV2, all of it simulated.
class Advised : public ::testing::Test {
 protected:
  Advised() : graph_(mobilenet()), simulator_(make_simulator()) {
    job_.graph = &graph_;
    job_.engine = small_engine();
    job_.engine_path = kEnginePath;
    job_.family = engine::load_family(kEnginePath);
    job_.space.name = "test";
    job_.space.moves.fuse_ibn = true;
    job_.space.moves.depth_multipliers = {1, 0.75, 1.25};
    job_.space.moves.align_channels = false;
    job_.space.accuracy.numbers = {{"parameters", 0.9}, {"macs", 0.9}};
    job_.top = 3;
  }
  Advice advised(bool plan) { return advise(job_, nullptr, *simulator_, {true, plan, false}, {}); }

  network::Graph graph_;
  std::unique_ptr<MeasurementSource> simulator_;
  AdviceJob job_;
};

TEST_F(Advised, moves_are_ranked_by_latency_saved_per_parameter_and_simulated_as_simulate_does) {
  const Advice advice = advised(false);
  EXPECT_EQ(advice.ranked_by, record::Source::kSimulated);
  EXPECT_EQ(advice.tried, 16 + 5 * 2);
  EXPECT_EQ(advice.tried,
            static_cast<std::int64_t>(advice.moves.size() + advice.cannot_run.size()) + advice.do_not_pay);
  ASSERT_GE(advice.moves.size(), 3U);
  for (std::size_t i = 1; i < advice.moves.size(); ++i) EXPECT_FALSE(better(advice.moves[i], advice.moves[i - 1]));
  const MoveGain& best = advice.moves.front();
  EXPECT_EQ(best.rate(), std::numeric_limits<double>::infinity());
  EXPECT_LE(best.parameters_added, 0);
  ASSERT_TRUE(best.simulated);
  // The same move by hand.
  nas::MovesFile file;
  file.entries = {nas::entry_of(nas::gene_of(best.move, best.place), best.value)};
  const AppliedMoves applied = apply_moves(file, graph_, &job_.engine, simulator_.get());
  EXPECT_EQ(applied.after->latency_cycles, best.simulated->latency_cycles);
  EXPECT_EQ(applied.after->parameters, best.simulated->parameters);
  EXPECT_EQ(applied.before->latency_cycles, advice.given_simulated.latency_cycles);
  ASSERT_TRUE(best.explanation);
  EXPECT_NEAR(best.explanation->before_ms - best.explanation->after_ms, *best.simulated_saved_ms, 1e-9);
  EXPECT_EQ(best.explanation->macs_after - best.explanation->macs_before, static_cast<std::int64_t>(best.macs_added));
}

TEST_F(Advised, the_plan_keeps_the_limits_beats_each_move_and_is_what_its_file_makes) {
  const Advice advice = advised(true);
  const Plan& plan = advice.plan;
  EXPECT_TRUE(plan.missed.empty());
  EXPECT_GE(plan.simulated.parameters, 0.9 * static_cast<double>(advice.given_simulated.parameters));
  EXPECT_GE(plan.simulated.macs, 0.9 * static_cast<double>(advice.given_simulated.macs));
  ASSERT_FALSE(plan.steps.empty());
  EXPECT_EQ(plan.steps.back().simulated.latency_cycles, plan.simulated.latency_cycles);
  for (const MoveGain& gain : advice.moves) {
    if (!gain.breaks.empty()) continue;
    EXPECT_LE(plan.simulated.latency_cycles, gain.predicted.latency_cycles);
  }
  const nas::MovesFile file = nas::parse_moves("m.yaml", nas::moves_text(moves_file_of(advice, {})));
  const AppliedMoves applied = apply_moves(file, graph_, &job_.engine, simulator_.get());
  EXPECT_EQ(applied.after->latency_cycles, plan.simulated.latency_cycles);
  EXPECT_EQ(applied.entries.size(), plan.steps.size());
  EXPECT_EQ(applied.not_taken, static_cast<std::int64_t>(file.entries.size() - plan.steps.size()));

  // What a person vetoes is not proposed again, and what stays taken stays.
  job_.moves = file;
  const std::string kept = job_.moves.entries[0].name, vetoed = job_.moves.entries[1].name;
  const PlanStep gone = plan.steps[1];
  for (nas::MoveEntry& entry : job_.moves.entries) entry.take = entry.name == kept;
  job_.moves.entries[1].veto = true;
  const Advice again = advised(true);
  EXPECT_EQ(again.vetoed, 1);
  bool has_kept = false;
  for (const PlanStep& step : again.plan.steps) {
    EXPECT_FALSE(step.move == gone.move && step.place == gone.place && step.value == gone.value);
    has_kept = has_kept || (step.accepted && step.move == plan.steps[0].move && step.place == plan.steps[0].place);
  }
  EXPECT_TRUE(has_kept);
  for (const MoveGain& gain : again.moves) {
    EXPECT_FALSE(gain.move == gone.move && gain.place == gone.place && gain.value == gone.value);
  }
  const nas::MovesFile second = moves_file_of(again, job_.moves);
  EXPECT_TRUE(std::any_of(second.entries.begin(), second.entries.end(),
                          [&](const nas::MoveEntry& entry) { return entry.name == vetoed && entry.veto; }));
}

TEST_F(Advised, what_a_person_took_is_never_undone_by_the_plan) {
  job_.space.moves.fuse_ibn = false;
  job_.space.moves.depth_multipliers = {1};
  job_.space.moves.drop_repeats = true;
  job_.space.accuracy.numbers.clear();
  job_.moves = nas::parse_moves("m.yaml", "moves:\n  a: {move: fuse, place: ibn1}\n");
  const Advice advice = advised(true);
  EXPECT_GT(advice.vetoed, 0);  // the drop of the block that is fused
  const nas::MovesFile file = moves_file_of(advice, job_.moves);
  const AppliedMoves applied = apply_moves(file, graph_, &job_.engine, simulator_.get());
  EXPECT_EQ(applied.after->latency_cycles, advice.plan.simulated.latency_cycles);
  EXPECT_EQ(advice.plan.steps.front().place, "ibn1");
  EXPECT_TRUE(advice.plan.steps.front().accepted);
}

TEST_F(Advised, what_is_no_space_of_moves_is_refused) {
  job_.space = nas::load_space("spaces/fm28.yaml");
  EXPECT_THROW(advised(false), Error);
}

TEST(MoveGain, what_adds_no_parameters_goes_first_and_then_by_latency_saved) {
  MoveGain free, larger, paid;
  free.latency_saved_ms = 0.1;
  free.parameters_added = -5;
  larger.latency_saved_ms = 0.2;
  paid.latency_saved_ms = 4;
  paid.parameters_added = 10;
  EXPECT_TRUE(better(larger, free));
  EXPECT_TRUE(better(free, paid));
  EXPECT_DOUBLE_EQ(paid.rate(), 0.4);
  paid.simulated_saved_ms = 2;
  EXPECT_DOUBLE_EQ(paid.rate(), 0.2);
}

}  // namespace
}  // namespace lanewise::study::testing
