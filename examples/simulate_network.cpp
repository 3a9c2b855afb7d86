// SPDX-License-Identifier: Apache-2.0
// Simulates a network on an engine and prints where its time goes.
//   LANEWISE_HOME=PREFIX simulate_network mobilenet_v2 ne-256
#include <cstdio>
#include <exception>

#include "core/base/installation.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/import.hpp"
#include "study/evaluation/answer.hpp"

using namespace lanewise;

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: simulate_network NETWORK ENGINE\n");
    return 2;
  }
  try {
    const network::Graph graph = network::import_network(find_data("models", argv[1]));
    const engine::EngineConfig engine = engine::load_engine(find_data("hwconfigs", argv[2])).config;
    const study::NetworkAnswer answer = study::simulate_network(graph, engine);
    std::printf("%s on %s: %lld cycles, %.3f ms, %.1f uJ\n", answer.network.c_str(), answer.engine.c_str(),
                static_cast<long long>(answer.total.latency_cycles), answer.total.latency_ms, answer.total.energy_uj);
    for (const study::SubgraphAnswer& subgraph : answer.subgraphs) {
      std::printf("  %-40s %10lld cycles, bound by %s\n", subgraph.name.c_str(),
                  static_cast<long long>(subgraph.in_network_cycles), subgraph.bound_by.c_str());
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "simulate_network: error: %s\n", error.what());
    return 1;
  }
}
