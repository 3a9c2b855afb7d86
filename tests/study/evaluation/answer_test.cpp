// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/answer.hpp"

#include <algorithm>

#include "core/mapping/bounds.hpp"
#include "core/mapping/partition.hpp"
#include "report/answer.hpp"
#include "sim/simulate.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

TEST(Answer, IsTheSumOfSubgraphsSimulatedByThemselves) {
  const network::Graph graph = squeezenet();
  const engine::EngineConfig engine = small_engine();
  const study::NetworkAnswer answer = simulate_network(graph, engine);
  const std::vector<mapping::Subgraph> subgraphs = mapping::partition(graph, engine);
  ASSERT_EQ(answer.subgraphs.size(), subgraphs.size());
  std::int64_t cycles = 0, dram = 0, peak = 0;
  for (std::size_t i = 0; i < subgraphs.size(); ++i) {
    const record::Measurement m = sim::simulate(subgraphs[i], engine);
    EXPECT_EQ(answer.subgraphs[i].latency_cycles, m.latency.count()) << subgraphs[i].name;
    cycles += m.latency.count();
    dram += m.dram_bytes().count();
    peak = std::max(peak, m.peak_sram.count());
  }
  EXPECT_EQ(answer.total.latency_cycles, cycles + answer.between.latency_cycles);
  EXPECT_EQ(answer.total.dram_bytes, dram + answer.between.dram_bytes);
  EXPECT_EQ(answer.total.peak_sram_bytes, peak);
  // Subgraphs run one after another today: nothing is won or lost between them.
  EXPECT_EQ(answer.between.latency_cycles, 0);
}

TEST(Answer, WhatBindsANetworkHasTheLargestShareOfItsCycles) {
  const study::NetworkAnswer answer = simulate_network(mobilenet(), small_engine());
  std::map<std::string, std::int64_t> cycles;
  for (const study::SubgraphAnswer& s : answer.subgraphs) cycles[s.bound_by] += s.latency_cycles;
  for (const auto& [bound, count] : cycles) EXPECT_LE(count, cycles[answer.total.bound_by]) << bound;
}

TEST(Answer, DoesNotDependOnWhatWasAskedTogetherOrBefore) {
  const network::Graph a = mobilenet(), b = squeezenet();
  const engine::EngineConfig engine = small_engine();
  const auto source = make_simulator();
  const std::vector<Answered> together = answer({{&b, &engine}, {&a, &engine}}, *source);
  EXPECT_EQ(report::to_json({together[1].answer}), report::to_json({simulate_network(a, engine)}));
  EXPECT_EQ(report::to_json({together[0].answer}), report::to_json({simulate_network(b, engine)}));
}

TEST(Answer, AnEngineThatCannotRunANetworkIsNamedWithIt) {
  network::ImportOptions options;
  options.precision = Precision::kFp32;
  const network::Graph graph = network::import_network("models/mobilenet_v2.onnx", options);
  const engine::EngineConfig engine = small_engine();
  try {
    simulate_network(graph, engine);
    FAIL() << "ne-256 has no floating point";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("mobilenet_v2 cannot run on ne-256"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("fp32"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace lanewise::study::testing
