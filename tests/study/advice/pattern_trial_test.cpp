// SPDX-License-Identifier: Apache-2.0
// Patterns on a network that they do not come from: which moves are made, what the capacity does to them, and what
// that saves.
#include "study/advice/pattern_trial.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/network/rewrite.hpp"
#include "nas/moves/settle.hpp"
#include "study/evaluation/answer.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study {
namespace {

using nas::SettledMoves;

SettledMoves settled(const std::string& moves, double capacity = 0.9) {
  const std::string head =
      capacity > 0 ? "capacity: {parameters: " + std::to_string(capacity) + ", macs: 0}\n" : std::string();
  return nas::settle_moves(nas::parse_moves("m.yaml", head + "moves:\n" + moves), testing::mobilenet(),
                           testing::small_engine());
}

int count(const SettledMoves& settled, const std::string& move) {
  return static_cast<int>(std::count_if(settled.moves.moves.begin(), settled.moves.moves.end(),
                                        [&](const nas::PlacedMove& m) { return m.move == move; }));
}

TEST(SettledMoves, entries_for_other_engines_are_left_out) {
  EXPECT_EQ(count(settled("  a: {move: fuse, place: all, on: {family: ne}}\n", 0), "fuse"), 16);
  EXPECT_EQ(count(settled("  a: {move: fuse, place: all, on: {array_from: 256, array_to: 256}}\n", 0), "fuse"), 16);
  const SettledMoves other = settled("  a: {move: fuse, place: all, on: {family: nvdla, array_from: 300}}\n", 0);
  EXPECT_EQ(count(other, "fuse"), 0);
  ASSERT_EQ(other.moves.skipped.size(), 1u);
  EXPECT_EQ(other.moves.skipped[0].reason, "is for engines of the family nvdla with at least 300 MACs a cycle");
}

TEST(SettledMoves, what_yields_is_widened_from_the_last_place_back_until_the_capacity_is_there) {
  const SettledMoves narrow =
      settled("  a: {move: depth_multiplier, place: all, value: 0.5, for_capacity: yields}\n", 0.5);
  EXPECT_TRUE(narrow.keeps_capacity);
  EXPECT_GE(narrow.parameters_share, 0.5);
  // A step less would have been too little: the bound is met closely.
  EXPECT_LT(narrow.parameters_share, 0.53);
  EXPECT_EQ(narrow.moves.moves.front().value, "0.5");
  EXPECT_EQ(narrow.moves.moves.back().place, "stage4");
  EXPECT_EQ(narrow.widened.size(), 1u);
}

TEST(SettledMoves, what_adds_is_made_only_as_far_as_the_capacity_asks) {
  const std::string narrow = "  a: {move: depth_multiplier, place: all, value: 0.5}\n";
  const std::string adds = "  b: {move: fuse, place: all, for_capacity: adds}\n";
  const SettledMoves some = settled(narrow + adds, 0.5);
  EXPECT_TRUE(some.keeps_capacity);
  const int made = count(some, "fuse");
  EXPECT_GT(made, 0);
  EXPECT_LT(made, 16);
  // The last blocks come first.
  EXPECT_EQ(some.moves.moves.back().move, "fuse");
  EXPECT_EQ(settled(adds, 0.9).moves.moves.size(), 0u);
  EXPECT_FALSE(settled(narrow, 0.9).keeps_capacity);
}

TEST(SettledMoves, places_are_told_by_their_block) {
  const SettledMoves residual = settled("  a: {move: fuse, where: {residual: true}}\n", 0);
  EXPECT_EQ(count(residual, "fuse"), 10);
  EXPECT_EQ(count(settled("  a: {move: fuse, where: {expansion_to: 5}}\n", 0), "fuse"), 0);
  EXPECT_EQ(count(settled("  a: {move: fuse, where: {expansion_from: 6, residual: false}}\n", 0), "fuse"), 6);
}

TEST(SettledMoves, stages_are_told_by_the_channels_that_they_begin_with) {
  const SettledMoves narrow = settled("  a: {move: depth_multiplier, where: {channels_to: 32}, value: 0.5}\n", 0);
  ASSERT_EQ(narrow.moves.moves.size(), 1u);
  EXPECT_EQ(narrow.moves.moves[0].place, "stage0");
}

TEST(SettledMoves, mistakes_name_the_key) {
  const auto refusal = [](const std::string& text) {
    try {
      nas::parse_moves("m.yaml", text);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(refusal("moves:\n  a: {move: fuse, place: all, for_capacity: adds}\n").find("needs 'capacity.parameters'"),
            std::string::npos);
  EXPECT_NE(refusal("moves:\n  a: {move: fuse, place: all, on: {array_from: 9, array_to: 3}}\n").find("array_to"),
            std::string::npos);
  EXPECT_NE(refusal("capacity: {macs: 2}\nmoves: []\n").find("capacity.macs"), std::string::npos);
}

Pattern pattern(const std::string& name, const std::string& move, const std::string& value, int fronts,
                nas::ForCapacity for_capacity = nas::ForCapacity::kNothing) {
  Pattern out;
  out.entry.name = name;
  out.entry.move = move;
  out.entry.places = {"all"};
  out.entry.value = value;
  out.entry.for_capacity = for_capacity;
  out.fronts = fronts;
  out.of_fronts = 4;
  return out;
}

TEST(PatternTrial, the_least_supported_pattern_that_breaks_the_capacity_is_left_off) {
  Patterns patterns;
  patterns.capacity_parameters = patterns.capacity_macs = 0.9;
  patterns.patterns = {pattern("fuse_all", "fuse", "fused_ibn", 4), pattern("narrow", "depth_multiplier", "0.25", 3)};
  const auto simulator = make_simulator();
  const network::Graph graph = testing::mobilenet();
  const PatternTrial trial = try_patterns(patterns, graph, testing::small_engine(), *simulator);
  EXPECT_TRUE(trial.settled.keeps_capacity);
  ASSERT_GE(trial.left_off.size(), 1u);
  EXPECT_EQ(trial.left_off[0].rfind("narrow: ", 0), 0u) << trial.left_off[0];
  EXPECT_FALSE(trial.file.entries[1].take);
  EXPECT_FALSE(trial.searched);
  // Both latencies are simulated: the one before is that of the network as it is.
  EXPECT_EQ(trial.before.latency_cycles, simulate_network(graph, testing::small_engine()).total.latency_cycles);
  const network::Graph fused =
      network::apply(graph, trial.settled.moves.moves_for(testing::small_engine().array.parallelism_factor));
  EXPECT_EQ(trial.after.latency_cycles, simulate_network(fused, testing::small_engine()).total.latency_cycles);
}

TEST(PatternTrial, narrowing_that_yields_keeps_the_capacity_and_saves_latency) {
  Patterns patterns;
  patterns.capacity_parameters = patterns.capacity_macs = 0.9;
  patterns.searches = {{"x", "mobilenet_v2", "ne-256", 1, 0, false}};
  patterns.patterns = {pattern("fuse_all", "fuse", "fused_ibn", 4),
                       pattern("narrow", "depth_multiplier", "0.5", 4, nas::ForCapacity::kYields)};
  const auto simulator = make_simulator();
  const PatternTrial trial = try_patterns(patterns, testing::mobilenet(), testing::small_engine(), *simulator);
  EXPECT_TRUE(trial.settled.keeps_capacity);
  EXPECT_TRUE(trial.searched);
  EXPECT_TRUE(trial.left_off.empty());
  EXPECT_GT(trial.saved_percent(), 40);
}

TEST(PatternTrial, what_the_searches_did_not_cover_is_made_where_the_simulator_finds_that_it_pays) {
  Patterns patterns;
  patterns.capacity_parameters = patterns.capacity_macs = 0.9;
  patterns.patterns = {pattern("fuse_all", "fuse", "fused_ibn", 4),
                       pattern("narrow", "depth_multiplier", "0.5", 4, nas::ForCapacity::kYields)};
  const auto simulator = make_simulator();
  const PatternTrial open = try_patterns(patterns, testing::mobilenet(), testing::small_engine(), *simulator);
  EXPECT_TRUE(open.reached.empty());
  // No place of the network is as small as those that the searches covered.
  for (Pattern& p : patterns.patterns) {
    p.entry.places.clear();
    p.entry.where.channels_from = 1;
    p.entry.within.channels_to = 1;
  }
  const PatternTrial bounded = try_patterns(patterns, testing::mobilenet(), testing::small_engine(), *simulator);
  EXPECT_EQ(bounded.saved_within_record_percent(), 0);
  EXPECT_EQ(bounded.reached, (std::vector<std::string>{"fuse_all", "narrow"}));
  EXPECT_TRUE(bounded.settled.keeps_capacity);
  EXPECT_GE(bounded.saved_percent(), open.saved_percent() - 0.1);
}

}  // namespace
}  // namespace lanewise::study
