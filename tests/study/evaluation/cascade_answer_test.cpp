// SPDX-License-Identifier: Apache-2.0
// Answers about networks of which some subgraphs run stripe by stripe.
#include <algorithm>
#include <set>

#include "core/mapping/partition.hpp"
#include "report/answer.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/compare.hpp"
#include "study/evaluation/explain.hpp"
#include "study/evaluation/profile.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

engine::EngineConfig cascading_engine() {
  return engine::with_overrides(small_engine(), {{"mapping.cascade", "true"}});
}

TEST(CascadeAnswer, mobilenet_moves_a_third_less_dram_bytes_and_is_faster) {
  const network::Graph graph = mobilenet();
  const NetworkAnswer without = simulate_network(graph, small_engine());
  const NetworkAnswer with = simulate_network(graph, cascading_engine());
  EXPECT_LE(static_cast<double>(with.total.dram_bytes), 0.65 * static_cast<double>(without.total.dram_bytes));
  EXPECT_LT(with.total.latency_cycles, without.total.latency_cycles);
  EXPECT_LT(with.total.energy_uj, without.total.energy_uj);
  EXPECT_LT(with.memory.peak_activations().count(), without.memory.peak_activations().count());
  EXPECT_EQ(with.total.macs, without.total.macs) << "the network's, whatever is computed again";
  EXPECT_GE(with.total.dram_bytes, with.total.parameter_bytes) << "every weight has to come once";
}

TEST(CascadeAnswer, has_one_entry_per_subgraph_which_is_the_sum_of_its_stripes) {
  const network::Graph graph = mobilenet();
  const engine::EngineConfig engine = cascading_engine();
  const NetworkAnswer answer = simulate_network(graph, engine);
  const mapping::Partition partition = mapping::partition_with_memory(graph, engine);
  const std::vector<mapping::WholeSubgraph> wholes = mapping::whole_subgraphs(partition);
  ASSERT_EQ(answer.subgraphs.size(), mapping::partition(graph, small_engine()).size());
  ASSERT_EQ(answer.commands.size(), partition.subgraphs.size());
  std::vector<SubgraphQuery> queries;
  for (const mapping::Subgraph& subgraph : partition.subgraphs) queries.push_back({&subgraph, &engine});
  const std::vector<record::SubgraphResult> parts = make_simulator()->measure(queries);
  std::int64_t latency = 0, dram = 0;
  std::set<int> cascades;
  for (std::size_t i = 0; i < answer.subgraphs.size(); ++i) {
    const SubgraphAnswer& s = answer.subgraphs[i];
    std::int64_t cycles = 0, bytes = 0, peak = 0;
    for (const std::size_t part : wholes[i].parts) {
      cycles += parts[part].measurement.latency.count();
      bytes += parts[part].measurement.dram_bytes().count();
      peak = std::max(peak, parts[part].measurement.peak_sram.count());
    }
    EXPECT_EQ(s.latency_cycles, cycles) << s.name;
    EXPECT_EQ(s.dram_bytes, bytes) << s.name;
    EXPECT_EQ(s.peak_sram_bytes, peak) << s.name;
    EXPECT_EQ(s.stripes, static_cast<std::int64_t>(wholes[i].parts.size())) << s.name;
    EXPECT_EQ(s.cascade >= 0, s.stripes > 1) << s.name;
    for (const record::UnitTime& unit : s.units) {
      std::int64_t sum = unit.busy.count() + unit.idle.count();
      for (const record::StallTime& stall : unit.stalled) sum += stall.cycles.count();
      EXPECT_EQ(sum, s.latency_cycles) << s.name << ", " << record::to_string(unit.unit);
    }
    if (s.cascade >= 0) cascades.insert(s.cascade);
    latency += s.in_network_cycles;
    dram += s.dram_bytes;
  }
  EXPECT_EQ(cascades.size(), partition.cascades.size());
  EXPECT_EQ(answer.total.latency_cycles, latency);
  EXPECT_EQ(answer.total.dram_bytes, dram + answer.between.dram_bytes);
}

TEST(CascadeAnswer, timelines_have_one_entry_per_command) {
  record::Timeline timeline;
  const NetworkAnswer answer = simulate_timeline(mobilenet(), cascading_engine(), timeline);
  EXPECT_EQ(timeline.subgraphs.size(), answer.commands.size());
  EXPECT_GT(answer.commands.size(), answer.subgraphs.size());
  EXPECT_EQ(report::to_json({answer}), report::to_json({simulate_network(mobilenet(), cascading_engine())}));
}

TEST(CascadeAnswer, profile_and_comparison_speak_of_whole_subgraphs) {
  const network::Graph graph = mobilenet();
  const engine::EngineConfig plain = small_engine(), cascading = cascading_engine();
  const NetworkAnswer answer = simulate_network(graph, cascading);
  const Profile roofline = profile(graph, cascading, answer);
  EXPECT_EQ(roofline.subgraphs.size(), answer.subgraphs.size());
  EXPECT_LE(roofline.total.percent_of_roofline, 100.0);
  const auto source = make_simulator();
  const Comparison comparison = compare({&graph, &plain}, {&graph, &cascading}, *source);
  ASSERT_EQ(comparison.subgraphs.size(), answer.subgraphs.size());
  std::int64_t striped = 0;
  for (std::size_t i = 0; i < comparison.subgraphs.size(); ++i) {
    ASSERT_TRUE(comparison.subgraphs[i].a && comparison.subgraphs[i].b);
    EXPECT_EQ(comparison.subgraphs[i].b->stripes, answer.subgraphs[i].stripes);
    striped += comparison.subgraphs[i].b->stripes > 1 ? 1 : 0;
  }
  EXPECT_GT(striped, 0);
}

TEST(CascadeAnswer, explain_takes_the_middle_stripe) {
  const network::Graph graph = mobilenet();
  const NetworkAnswer answer = simulate_network(graph, cascading_engine());
  const auto striped = std::find_if(answer.subgraphs.begin(), answer.subgraphs.end(),
                                    [](const SubgraphAnswer& s) { return s.cascade >= 0; });
  ASSERT_NE(striped, answer.subgraphs.end());
  const std::vector<Explanation> explained = explain(graph, cascading_engine(), striped->name, nullptr);
  ASSERT_EQ(explained.size(), 1u);
  EXPECT_EQ(explained[0].stripes, striped->stripes);
  EXPECT_EQ(explained[0].subgraph.part.cascade, striped->cascade);
  EXPECT_EQ(explained[0].subgraph.part.stripe, striped->stripes / 2);
  EXPECT_LT(explained[0].measurement.latency.count(), striped->latency_cycles);
}

TEST(CascadeAnswer, workers_give_the_same_answer) {
  const network::Graph graph = mobilenet();
  const engine::EngineConfig engine = cascading_engine();
  const auto workers = make_simulator(kWorker, 2);
  EXPECT_EQ(report::to_json({answer_one(graph, engine, *workers)}), report::to_json({simulate_network(graph, engine)}));
}

TEST(CascadeAnswer, no_shipped_network_gets_slower_or_moves_more) {
  const auto source = make_simulator();
  std::int64_t with_cascades = 0;
  for (const std::string& model : files_in("models", ".onnx")) {
    const network::Graph graph = network::import_network(model);
    for (const char* name : {"ne-64", "ne-256", "ne-1024"}) {
      const engine::EngineConfig plain = engine::load_engine("hwconfigs/" + std::string(name) + ".yaml").config;
      const engine::EngineConfig cascading = engine::with_overrides(plain, {{"mapping.cascade", "true"}});
      const mapping::Partition partition = mapping::partition_with_memory(graph, cascading);
      if (partition.cascades.empty()) continue;
      ++with_cascades;
      const NetworkAnswer before = answer_one(graph, plain, *source), after = answer_one(graph, cascading, *source);
      EXPECT_LE(after.total.latency_cycles, before.total.latency_cycles) << model << " on " << name;
      EXPECT_LE(after.total.dram_bytes, before.total.dram_bytes) << model << " on " << name;
    }
  }
  EXPECT_GE(with_cascades, 15);
}

}  // namespace
}  // namespace lanewise::study::testing
