// SPDX-License-Identifier: Apache-2.0
#include "report/trace.hpp"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/error.hpp"
#include "tests/report/timelines.hpp"

namespace lanewise::report::testing {
namespace {

using Json = nlohmann::json;

std::string trace_of(const record::Timeline& timeline) {
  const WrittenFile file("trace");
  record::FileWriter writer(file.path());
  write_trace(writer, timeline, kRun);
  return file.text();
}

// Complete events by the name of their track, in the order of the file.
std::map<std::string, std::vector<Json>> tracks(const Json& trace) {
  std::map<int, std::string> names;
  std::map<std::string, std::vector<Json>> out;
  for (const Json& event : trace.at("traceEvents")) {
    if (event.at("name") == "thread_name") names[event.at("tid")] = event.at("args").at("name");
  }
  for (const Json& event : trace.at("traceEvents")) {
    if (event.at("ph") == "X") out[names.at(event.at("tid"))].push_back(event);
  }
  return out;
}

std::int64_t nanoseconds(const Json& microseconds) { return std::llround(microseconds.get<double>() * 1000); }

// As viewers see them: one that keeps whole nanoseconds, and one that adds the numbers as they are.
void expect_no_overlap(const std::vector<Json>& events) {
  std::int64_t end = 0;
  double sum = 0;
  for (const Json& event : events) {
    EXPECT_GE(event.at("ts").get<double>(), sum) << event;
    sum = event.at("ts").get<double>() + event.at("dur").get<double>();
    EXPECT_GE(nanoseconds(event.at("ts")), end) << event;
    EXPECT_GE(nanoseconds(event.at("dur")), 0) << event;
    end = nanoseconds(event.at("ts")) + nanoseconds(event.at("dur"));
  }
}

TEST(Trace, every_slice_is_an_event_with_its_times_subgraph_tile_and_state) {
  const record::Timeline timeline = two_subgraphs();
  const Json trace = Json::parse(trace_of(timeline));
  EXPECT_EQ(trace.at("displayTimeUnit"), "ns");
  EXPECT_EQ(trace.at("otherData").at("network"), kRun.network);
  EXPECT_EQ(trace.at("otherData").at("engine_overrides"), Json::object());
  EXPECT_TRUE(trace.at("otherData").contains("engine_hash"));
  auto found = tracks(trace);
  ASSERT_EQ(found.size(), 4u);
  std::map<std::string, std::size_t> next;
  for (const record::Slice& slice : timeline.slices) {
    const std::string& unit = timeline.units[static_cast<std::size_t>(slice.unit)];
    const std::string& subgraph = timeline.subgraphs[static_cast<std::size_t>(slice.subgraph)];
    ASSERT_LT(next[unit], found[unit].size());
    const Json& event = found[unit][next[unit]++];
    EXPECT_EQ(nanoseconds(event.at("ts")), std::llround(slice.begin * 1.25)) << event;
    EXPECT_EQ(nanoseconds(event.at("ts")) + nanoseconds(event.at("dur")), std::llround(slice.end * 1.25)) << event;
    EXPECT_EQ(event.at("args").at("cycles"), slice.end - slice.begin);
    EXPECT_EQ(event.at("args").at("pass"), subgraph);
    EXPECT_EQ(event.at("args").at("state"), state_of(slice));
    if (slice.tile >= 0) {
      EXPECT_EQ(event.at("args").at("tile"), slice.tile);
    } else {
      EXPECT_FALSE(event.at("args").contains("tile"));
    }
    if (slice.stall) {
      EXPECT_EQ(event.at("name"), "stall: " + state_of(slice));
      EXPECT_TRUE(event.contains("cname"));
    } else {
      EXPECT_EQ(event.at("name"), slice.tile >= 0 ? subgraph + " tile " + std::to_string(slice.tile) : subgraph);
      EXPECT_FALSE(event.contains("cname"));
    }
  }
  for (const std::string& unit : timeline.units) EXPECT_EQ(next[unit], found[unit].size());
}

TEST(Trace, subgraphs_follow_each_other_and_add_up_to_the_whole) {
  const std::vector<Json> subgraphs = tracks(Json::parse(trace_of(two_subgraphs())))["passes"];
  ASSERT_EQ(subgraphs.size(), 2u);
  EXPECT_EQ(subgraphs[0].at("args").at("cycles"), 31);
  EXPECT_EQ(subgraphs[1].at("args").at("cycles"), 29);
  EXPECT_EQ(subgraphs[1].at("name"), "conv b");
  EXPECT_EQ(subgraphs[1].at("args").at("first_work_cycle"), 15) << "prefetched while the first pass ran";
  expect_no_overlap(subgraphs);
}

TEST(Trace, events_of_a_track_never_overlap_whatever_the_clock) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    const record::Timeline timeline = by_lot(seed);
    std::map<std::string, double> busy, traced;
    for (const record::Slice& slice : timeline.slices) {
      if (!slice.stall) busy[timeline.units[static_cast<std::size_t>(slice.unit)]] += slice.end - slice.begin;
    }
    for (const auto& [track, events] : tracks(Json::parse(trace_of(timeline)))) {
      expect_no_overlap(events);
      for (const Json& event : events) {
        if (event.at("cat") == "busy") traced[track] += event.at("args").at("cycles").get<double>();
      }
    }
    ASSERT_EQ(traced.size(), busy.size());
    for (const auto& [unit, cycles] : busy) EXPECT_NEAR(traced[unit], cycles, 1e-6 * cycles) << unit;
  }
}

TEST(Trace, counters_keep_their_samples) {
  const record::Timeline timeline = two_subgraphs();
  const Json trace = Json::parse(trace_of(timeline));
  std::size_t next = 0;
  for (const Json& event : trace.at("traceEvents")) {
    if (event.at("ph") != "C") continue;
    ASSERT_LT(next, timeline.samples.size());
    EXPECT_EQ(event.at("name"), "dram_read_bytes_per_cycle");
    EXPECT_EQ(event.at("args").at("value"), timeline.samples[next].value);
    EXPECT_EQ(nanoseconds(event.at("ts")), std::llround(timeline.samples[next].at * 1.25));
    ++next;
  }
  EXPECT_EQ(next, timeline.samples.size());
}

TEST(Trace, causes_have_distinct_colours_that_do_not_depend_on_the_trace) {
  record::Timeline timeline = two_subgraphs();
  timeline.slices.clear();
  double at = 0;
  for (const record::StallCauseName& name : record::stall_cause_names()) {
    timeline.slices.push_back({0, 0, 0, at, at + 1, name.cause});
    ++at;
  }
  std::map<std::string, std::string> colours;
  std::set<std::string> distinct;
  const auto all = tracks(Json::parse(trace_of(timeline)));
  for (const Json& event : all.at("load_dma")) {
    colours[event.at("args").at("state")] = event.at("cname");
    distinct.insert(event.at("cname").get<std::string>());
  }
  EXPECT_EQ(distinct.size(), record::stall_cause_names().size());
  const auto other = tracks(Json::parse(trace_of(two_subgraphs())));
  for (const Json& event : other.at("dot_product_array")) {
    if (event.at("cat") != "stall") continue;
    EXPECT_EQ(event.at("cname"), colours.at(event.at("args").at("state")));
  }
}

TEST(Trace, the_same_timeline_gives_the_same_bytes) {
  EXPECT_EQ(trace_of(by_lot(7)), trace_of(by_lot(7)));
  EXPECT_NE(trace_of(by_lot(7)), trace_of(by_lot(8)));
}

TEST(Trace, an_empty_timeline_is_still_a_trace) {
  record::Timeline nothing;
  nothing.clock_hz = 1e9;
  EXPECT_EQ(tracks(Json::parse(trace_of(nothing))).count("passes"), 1u);
}

TEST(Trace, a_timeline_that_cannot_be_is_refused_and_leaves_no_file) {
  const WrittenFile file("refused");
  const auto refused = [&](const record::Timeline& timeline) {
    record::FileWriter writer(file.path());
    EXPECT_THROW(write_trace(writer, timeline, kRun), InternalError);
  };
  record::Timeline overlapping = two_subgraphs();
  overlapping.slices[1].begin = 9;
  refused(overlapping);
  record::Timeline backwards = two_subgraphs();
  backwards.slices.back().end = 51;
  refused(backwards);
  record::Timeline nowhere = two_subgraphs();
  nowhere.slices[0].subgraph = 2;
  refused(nowhere);
  record::Timeline uncounted = two_subgraphs();
  uncounted.samples[0].counter = 1;
  refused(uncounted);
  record::Timeline unclocked = two_subgraphs();
  unclocked.clock_hz = 0;
  refused(unclocked);
  EXPECT_FALSE(std::filesystem::exists(file.path()));
}

}  // namespace
}  // namespace lanewise::report::testing
