// SPDX-License-Identifier: Apache-2.0
// simulate --trace and --vcd, and the timeline that explain shows.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

struct Traced {
  Json answer, trace;
  std::map<int, std::string> tracks;
};

Traced traced(const std::string& model) {
  const ScratchFolder folder;
  Traced out;
  out.answer = run_json({"simulate", model, "--hw", kEngine, "--trace", folder.file("t.json")});
  out.trace = Json::parse(text_of(folder.file("t.json")));
  for (const Json& event : out.trace.at("traceEvents")) {
    if (event.at("name") == "thread_name") out.tracks[event.at("tid")] = event.at("args").at("name");
  }
  return out;
}

TEST(Trace, subgraphs_stand_where_the_answer_says_and_add_up_to_the_whole) {
  const Traced t = traced(kMobileNet);
  const Json& subgraphs = t.answer.at("subgraphs");
  std::size_t subgraph = 0;
  std::int64_t at = 0;
  for (const Json& event : t.trace.at("traceEvents")) {
    if (event.at("ph") != "X" || t.tracks.at(event.at("tid")) != "passes") continue;
    ASSERT_LT(subgraph, subgraphs.size());
    EXPECT_EQ(event.at("name"), subgraphs[subgraph].at("name"));
    EXPECT_EQ(event.at("args").at("cycles"), subgraphs[subgraph].at("latency_cycles"));
    EXPECT_EQ(event.at("args").at("begin_cycle"), at);
    EXPECT_LE(event.at("args").at("first_work_cycle").get<double>(), static_cast<double>(at))
        << "nothing began to work for it when the pass before was done";
    at += event.at("args").at("cycles").get<std::int64_t>();
    ++subgraph;
  }
  EXPECT_EQ(subgraph, subgraphs.size());
  EXPECT_EQ(at, t.answer.at("total").at("latency_cycles").get<std::int64_t>() -
                    t.answer.at("between").at("latency_cycles").get<std::int64_t>());
}

TEST(Trace, busy_and_stalled_slices_are_the_times_of_the_answer) {
  const Traced t = traced(kSqueezeNet);
  // Cycles by unit, subgraph and state.
  std::map<std::string, std::map<std::string, std::map<std::string, double>>> cycles;
  for (const Json& event : t.trace.at("traceEvents")) {
    if (event.at("ph") != "X" || event.at("cat") == "pass") continue;
    const Json& arguments = event.at("args");
    cycles[t.tracks.at(event.at("tid"))][arguments.at("pass")][arguments.at("state")] +=
        arguments.at("cycles").get<double>();
  }
  for (const char* unit : {"dot_product_array", "post_processor"}) {
    SCOPED_TRACE(unit);
    ASSERT_EQ(cycles.count(unit), 1u);
    for (const Json& subgraph : t.answer.at("subgraphs")) {
      SCOPED_TRACE(subgraph.at("name").get<std::string>());
      auto& states = cycles[unit][subgraph.at("name")];
      const Json& times = subgraph.at("units").at(unit);
      EXPECT_NEAR(states["busy"], times.at("busy_cycles").get<double>(), 1.0);
      for (const auto& [cause, stalled] : times.at("stalled_cycles").items()) {
        EXPECT_NEAR(states[cause], stalled.get<double>(), 1.0) << cause;
      }
    }
  }
}

TEST(Trace, slices_of_a_track_do_not_overlap_in_nanoseconds) {
  const Traced t = traced(kMobileNet);
  std::map<int, std::int64_t> ends;
  std::size_t slices = 0;
  for (const Json& event : t.trace.at("traceEvents")) {
    if (event.at("ph") != "X") continue;
    const auto begin = std::llround(event.at("ts").get<double>() * 1000);
    std::int64_t& end = ends[event.at("tid")];
    EXPECT_GE(begin, end) << event;
    end = begin + std::llround(event.at("dur").get<double>() * 1000);
    ++slices;
  }
  EXPECT_GT(slices, t.answer.at("subgraphs").size()) << "only passes, no unit";
}

TEST(Trace, has_counters) {
  std::set<std::string> counters;
  const Traced t = traced(kSqueezeNet);
  for (const Json& event : t.trace.at("traceEvents")) {
    if (event.at("ph") == "C") counters.insert(event.at("name").get<std::string>());
  }
  EXPECT_FALSE(counters.empty());
}

TEST(Trace, changes_neither_the_answer_nor_itself_when_asked_for_twice) {
  const ScratchFolder folder;
  const Json plain = run_json({"simulate", kSqueezeNet, "--hw", kEngine});
  for (const char* name : {"a", "b"}) {
    EXPECT_EQ(run_json({"simulate", kSqueezeNet, "--hw", kEngine, "--trace", folder.file(std::string(name) + ".json"),
                        "--vcd", folder.file(std::string(name) + ".vcd")}),
              plain);
  }
  EXPECT_EQ(text_of(folder.file("a.json")), text_of(folder.file("b.json")));
  EXPECT_EQ(text_of(folder.file("a.vcd")), text_of(folder.file("b.vcd")));
}

TEST(Waveform, holds_a_scope_a_unit_and_ends_with_the_simulation) {
  const ScratchFolder folder;
  const Json answer = run_json({"simulate", kSqueezeNet, "--hw", kEngine, "--vcd", folder.file("w.vcd")});
  const std::string text = text_of(folder.file("w.vcd"));
  EXPECT_NE(text.find("$scope module dot_product_array $end"), std::string::npos);
  EXPECT_NE(text.find("$enddefinitions $end"), std::string::npos);
  const bool picoseconds = text.find("$timescale 1 ps $end") != std::string::npos;
  const double last = std::stod(text.substr(text.rfind('#') + 1));
  EXPECT_NEAR(last / (picoseconds ? 1000 : 1), answer.at("total").at("latency_cycles").get<double>(), 1.0);
}

TEST(Trace, one_model_to_a_file_and_a_file_to_an_option) {
  const ScratchFolder folder;
  for (const char* option : {"--trace", "--vcd"}) {
    expect_refused({"simulate", kSqueezeNet, kMobileNet, "--hw", kEngine, option, folder.file("x")}, 2,
                   {option, "one MODEL"});
    expect_refused({"simulate", kSqueezeNet, "--hw", kEngine, option, folder.file("no/such/x")}, 1,
                   {folder.file("no/such/x")});
    expect_refused({"simulate", kSqueezeNet, "--hw", kEngine, option, folder.file("x"), "--out", folder.file("x")}, 2,
                   {option, "--out"});
  }
  expect_refused({"simulate", kSqueezeNet, "--hw", kEngine, "--trace", folder.file("x"), "--vcd", folder.file("x")}, 2,
                 {"--trace", "--vcd"});
  expect_refused({"simulate", kSqueezeNet, "--hw", kEngine, "--precision", "fp32", "--trace", folder.file("x")}, 1,
                 {"squeezenet1_1 cannot run on ne-256"});
  EXPECT_FALSE(std::filesystem::exists(folder.file("x")));
}

TEST(Explain, first_tiles_have_times_in_the_order_of_their_work) {
  const Json explained =
      run_json({"explain", kMobileNet, "--layer", "features.2/conv/conv.1/conv.1.0/Conv", "--hw", kEngine});
  const Json& tiles = explained.at("plan").at("first_tiles");
  ASSERT_GT(tiles.size(), 1u);
  double last = 0;
  for (const Json& tile : tiles) {
    const Json& array = tile.at("busy").at("dot_product_array");
    EXPECT_GE(array.at("begin_cycle").get<double>(), last) << "the array works tile by tile";
    last = array.at("end_cycle");
    EXPECT_GE(tile.at("busy").at("post_processor").at("end_cycle").get<double>(), last)
        << "sums are post-processed after the array made them";
    EXPECT_LE(last, explained.at("simulated").at("latency_cycles").get<double>());
  }
}

TEST(Explain, text_fits_a_screen_and_shows_the_tiles_over_time) {
  const Finished text =
      run({"explain", kMobileNet, "--layer", "features.2/conv/conv.1/conv.1.0/Conv", "--hw", kEngine});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("First tiles over time"), std::string::npos);
  const std::size_t from = text.out.find("Tile plan");
  ASSERT_NE(from, std::string::npos);
  // What is predicted follows where the family has a default estimator.
  const std::size_t to = std::min(text.out.find("\nPredicted\n"), text.out.find("\nFeatures\n"));
  std::istringstream lines(text.out.substr(from, to - from));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
}

}  // namespace
}  // namespace lanewise::cli::testing
