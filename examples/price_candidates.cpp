// SPDX-License-Identifier: Apache-2.0
// Prices candidates in a loop, as a search does: one network on engines with more and more dot products. A third
// argument names a trained estimator (lanewise train), which then answers instead of the simulator.
//   LANEWISE_HOME=PREFIX price_candidates mobilenet_v2 ne-256 [MODEL.lwm]
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "study/codesign/cost_oracle.hpp"

using namespace lanewise;

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: price_candidates NETWORK ENGINE [MODEL.lwm]\n");
    return 2;
  }
  try {
    const network::Graph graph = network::import_network(find_data("models", argv[1]));
    const engine::EngineConfig base = engine::load_engine(find_data("hwconfigs", argv[2])).config;

    // Both answer the same question: the simulator exactly, the estimator thousands of times faster.
    std::optional<estimator::Estimator> estimator;
    if (argc == 4) estimator.emplace(estimator::Estimator::load(argv[3]));
    const auto source = estimator ? study::make_estimated(*estimator) : study::make_simulator();
    const std::unique_ptr<nas::CostOracle> oracle = study::make_cost_oracle(*source);

    for (const char* factor : {"8", "16", "32"}) {
      const engine::EngineConfig engine = engine::with_overrides(base, {{"engine.parallelism_factor", factor}});
      const std::vector<mapping::Subgraph> subgraphs = mapping::partition(graph, engine);
      const nas::Cost cost = oracle->price({{&engine, &subgraphs}}).front();
      if (!cost.failure.empty()) throw Error(cost.failure);
      std::printf("parallelism factor %s: %.3f ms, %.1f uJ\n", factor, cost.latency_ms, cost.energy_uj);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "price_candidates: error: %s\n", error.what());
    return 1;
  }
}
