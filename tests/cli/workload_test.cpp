// SPDX-License-Identifier: Apache-2.0
// Workloads in the place of MODEL.
#include <algorithm>
#include <cmath>
#include <map>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// Three networks on an engine that keeps nothing on chip between subgraphs, so that each takes in company what it takes
// alone; 1 GHz and whole microseconds, so that every release is a whole cycle.
const std::string kThree = R"(name: three
policy: first_come_first_served
frames: 4
networks:
  a:
    model: squeezenet1_1
    period: 4000 us
    offset: 10 us
  b:
    model: shufflenet_v2_x1_0
    period: 3000 us
    deadline: 2900 us
    weight: 3
  c:
    model: kws_lstm
    period: 1500 us
    offset: 500 us
)";
const Arguments kEngineOptions = {"--hw", "nvdla-large", "--set", "command.register_groups=1"};

Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// First come, first served is served to the end: whoever comes begins when all before it are done (Lindley, 1952).
TEST(Workload, three_networks_respond_as_a_queue_of_their_latencies_says) {
  const ScratchFolder folder;
  const std::string file = folder.write("three.yaml", kThree);
  std::map<std::string, std::int64_t> latency;
  for (const auto& [name, model] :
       std::map<std::string, std::string>{{"a", "squeezenet1_1"}, {"b", "shufflenet_v2_x1_0"}, {"c", "kws_lstm"}}) {
    latency[name] =
        run_json(with({"simulate", model}, kEngineOptions)).at("total").at("latency_cycles").get<std::int64_t>();
  }
  const Json answer = run_json(with({"simulate", file}, kEngineOptions));
  const double clock = answer.at("clock_hz");
  const std::map<std::string, std::pair<double, double>> times = {
      {"a", {4000, 10}}, {"b", {3000, 0}}, {"c", {1500, 500}}};  // period and offset, us
  std::int64_t free_at = 0;
  std::map<std::string, std::vector<std::int64_t>> responses;
  ASSERT_EQ(answer.at("frames").size(), 12u);
  for (const Json& frame : answer.at("frames")) {
    const std::string name = frame.at("network");
    const auto [period, offset] = times.at(name);
    const std::int64_t release = std::llround((offset + period * frame.at("frame").get<double>()) * 1e-6 * clock);
    EXPECT_EQ(frame.at("release_cycles"), release);
    const std::int64_t begin = std::max(release, free_at);
    EXPECT_EQ(frame.at("begin_cycles"), begin);
    free_at = begin + latency.at(name);
    EXPECT_EQ(frame.at("done_cycles"), free_at);
    EXPECT_EQ(frame.at("response_cycles"), free_at - release);
    responses[name].push_back(free_at - release);
  }
  std::int64_t busy = 0;
  for (const Json& network : answer.at("networks")) {
    const std::string name = network.at("name");
    EXPECT_EQ(network.at("response").at("max_cycles"),
              *std::max_element(responses[name].begin(), responses[name].end()));
    EXPECT_EQ(network.at("alone_cycles"), latency.at(name));
    busy += 4 * latency.at(name);
  }
  EXPECT_EQ(answer.at("engines").at(0).at("busy_cycles"), busy);
  for (const Json& unit : answer.at("engines").at(0).at("units")) {
    std::int64_t sum = unit.at("busy_cycles").get<std::int64_t>() + unit.at("idle_cycles").get<std::int64_t>();
    for (const Json& stall : unit.at("stalled_cycles")) sum += stall.get<std::int64_t>();
    EXPECT_EQ(answer.at("elapsed_cycles"), sum) << unit;
  }
}

TEST(Workload, rows_text_trace_and_sweep_say_the_same) {
  const ScratchFolder folder;
  const std::string file = folder.write("three.yaml", kThree);
  const Json answer = run_json(with({"simulate", file, "--sets"}, kEngineOptions));
  EXPECT_EQ(answer.at("sets").size(), 7u);
  const std::string trace = folder.file("trace.json");
  const Finished text = run(with({"simulate", file, "--trace", trace, "--jobs", "1"}, kEngineOptions));
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("first_come_first_served"), std::string::npos);
  EXPECT_NE(text.out.find("wrote " + trace), std::string::npos);
  const Json drawn = Json::parse(text_of(trace), nullptr, false);
  ASSERT_FALSE(drawn.is_discarded());
  EXPECT_GE(drawn.at("traceEvents").size(), 12u);
  const Finished rows = run(with({"simulate", file, "--csv"}, kEngineOptions));
  EXPECT_EQ(std::count(rows.out.begin(), rows.out.end(), '\n'), 13);
  const Json table =
      run_json(with({"sweep", file, "--vary", "dram.latency=50 ns,100 ns", "--jobs", "2"}, kEngineOptions));
  ASSERT_EQ(table.at("rows").size(), 2u);
  Arguments slower = with({"simulate", file, "--set", "dram.latency=100 ns"}, kEngineOptions);
  EXPECT_EQ(table.at("rows").at(1).at("objectives"), run_json(slower).at("objectives"));
  EXPECT_EQ(table.at("rows").at(0).at("settings").at("dram.latency"), "50 ns");
}

TEST(Workload, shipped_ones_are_found_by_name) {
  EXPECT_TRUE(run_json({"simulate", "doorbell", "--hw", "ne-1024"}).at("fits"));
  // Too much for the smallest engine, and said so.
  const Json small = run_json({"simulate", "doorbell", "--hw", "ne-64", "--set", "dram.bandwidth=0.4 GB/s"});
  EXPECT_FALSE(small.at("fits"));
  EXPECT_GT(small.at("objectives").at("highest_demand"), 1);
  EXPECT_NE(small.at("reasons").dump().find("overloaded"), std::string::npos);
}

TEST(Workload, mistakes_are_one_line_with_their_place) {
  const ScratchFolder folder;
  int number = 0;
  const auto refused = [&](const std::string& from, const std::string& to, const std::vector<std::string>& named) {
    std::string text = kThree;
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const std::string file = folder.write("bad" + std::to_string(++number) + ".yaml", text);
    std::vector<std::string> words = named;
    words.push_back(file);
    expect_refused({"simulate", file, "--hw", "nvdla-large"}, 1, words);
  };
  refused("policy: first_come_first_served", "policy: lifo", {":2: key 'policy'", "'lifo' must be one of"});
  refused("frames: 4", "frames: 0", {":3: key 'frames'", "'0' must be a whole number from 1"});
  refused("frames: 4", "frames: 4\nduration: 1 s", {":3: key 'frames'", "give one of them"});
  refused("frames: 4", "duration: 1 h", {":3: key 'duration'", "1 h"});
  refused("frames: 4", "shares_dram: maybe", {":3: key 'shares_dram'", "'maybe' must be true or false"});
  refused("frames: 4", "rates: 4", {":3: key 'rates'", "unknown key"});
  refused("model: squeezenet1_1", "model: squeezenet9", {":6: key 'networks.a.model'", "squeezenet9"});
  refused("period: 4000 us", "period: -1 us", {":7: key 'networks.a.period'", "-1 us"});
  refused("period: 4000 us", "period: 4 ns", {":7: key 'networks.a.period'", "must be from"});
  refused("period: 4000 us", "rate: 0 Hz", {":7: key 'networks.a.rate'", "'0 Hz' must be from"});
  refused("period: 4000 us", "period: 1 ms\n    rate: 1 kHz", {":7: key 'networks.a.period'", "give one of them"});
  refused("    period: 4000 us\n", "", {"key 'networks.a.rate': missing"});
  refused("    model: kws_lstm\n", "", {"key 'networks.c.model': missing"});
  refused("offset: 10 us", "offset: 10", {":8: key 'networks.a.offset'", "10"});
  refused("offset: 10 us", "engine: gpu", {":8: key 'networks.a.engine'", "'gpu'"});
  refused("offset: 10 us", "banks: none", {":8: key 'networks.a.banks'", "'none' must be a whole number"});
  refused("offset: 10 us", "priority: high", {":8: key 'networks.a.priority'", "'high' must be a number"});
  refused("offset: 10 us", "queue: 0", {":8: key 'networks.a.queue'", "'0' must be a whole number"});
  refused("weight: 3", "wight: 3", {":13: key 'networks.b.wight'", "unknown key"});
  refused("weight: 3", "precision: int5", {":13: key 'networks.b.precision'", "int5"});
  refused("networks:", "engines:\n  one: {hw: nvdla-large, set: {engine.clok: 1 GHz}}\nnetworks:",
          {":5: key 'engines.one.set.engine.clok'", "engine.clok"});
  refused("networks:", "engines:\n  any: {hw: nvdla-large}\nnetworks:", {":5: key 'engines.any.hw'"});
  refused("networks:", "engines:\n  one: {set: {engine.clock: 1 GHz}}\nnetworks:", {"key 'engines.one.hw': missing"});
}

TEST(Workload, options_that_say_otherwise_are_refused) {
  const ScratchFolder folder;
  const std::string file = folder.write("three.yaml", kThree);
  expect_refused({"simulate", file}, 2, {"--hw"});
  expect_refused({"simulate", file, "squeezenet1_1", "--hw", "ne-256"}, 1, {"stands alone"});
  expect_refused({"simulate", file, "--hw", "ne-256", "--batch", "2"}, 1, {"says how its networks are read"});
  expect_refused({"simulate", file, "--hw", "ne-256", "--profile"}, 1, {"--profile"});
  expect_refused({"simulate", "squeezenet1_1", "--hw", "ne-256", "--sets"}, 1, {"--sets is for a workload"});
  expect_refused({"simulate", "glasses", "--hw", "ne-256"}, 1, {"names its engines"});
  expect_refused({"sweep", file, "--hw", "ne-256", "--vary", "batch=1,2"}, 1, {"--vary batch"});
  expect_refused({"sweep", file, "--hw", "ne-256", "--limit", "latency_ms<=5"}, 1, {"--limit"});
  expect_refused({"simulate", "glasses", "--set", "engine.clock=2 GHz", "--set", "dma.kind=streams"}, 1, {});
  const std::string shared = folder.write("shared.yaml",
                                          "frames: 1\nengines:\n  a: {hw: nvdla-large}\n  b: {hw: "
                                          "nvdla-large}\nnetworks:\n  x: {model: kws_lstm, rate: 1 Hz}\n");
  expect_refused({"simulate", shared}, 1, {"streams", "share a DRAM"});
}

}  // namespace
}  // namespace lanewise::cli::testing
