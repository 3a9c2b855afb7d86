// SPDX-License-Identifier: Apache-2.0
// Tensors are kept on chip only where that makes the network better, by simulation: the choice itself goes by the
// closed form. benchmarks/keep_activations has every shipped network on every shipped engine.
#include <cmath>

#include "core/network/import.hpp"
#include "study/evaluation/answer.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

struct Case {
  const char* network;
  const char* engine;
  std::vector<engine::Override> overrides;
};

// Networks and engines where keeping all that found banks was slower or hungrier than keeping nothing, or where one
// subgraph was.
const Case kCases[] = {{"resnet50", "ne-256", {}},
                       {"resnet50", "ne-256", {{"mapping.plan_for", "energy"}}},
                       {"resnet50", "ne-256", {{"mapping.plan_for", "dram"}}},
                       {"resnet50", "ne-64", {}},
                       {"vit_b_16", "ne-1024", {}},
                       {"convnext_tiny", "ne-512", {}},
                       {"swin_t", "ne-64", {}},
                       {"efficientnet_b0", "ne-64", {}},
                       {"mnasnet1_0", "ne-512", {{"memory.activation_banks", "8"}}}};

TEST(KeepActivations, are_never_slower_by_over_2_percent_nor_hungrier) {
  for (const Case& c : kCases) {
    const std::string what = std::string(c.network) + " on " + c.engine;
    const network::Graph graph = network::import_network("models/" + std::string(c.network) + ".onnx");
    const engine::EngineConfig engine =
        engine::load_engine("hwconfigs/" + std::string(c.engine) + ".yaml", c.overrides).config;
    const engine::EngineConfig off = engine::with_overrides(engine, {{"memory.keep_activations", "false"}});
    const NetworkAnswer kept = simulate_network(graph, engine), through = simulate_network(graph, off);
    const auto latency = static_cast<double>(kept.total.latency_cycles);
    EXPECT_LE(latency, 1.02 * static_cast<double>(through.total.latency_cycles)) << what;
    EXPECT_LE(kept.total.energy_uj, through.total.energy_uj * (1 + 1e-9)) << what;
    if (kept.total.energy_uj >= through.total.energy_uj * (1 - 1e-9)) {
      EXPECT_LE(kept.total.latency_cycles, through.total.latency_cycles) << what;
    }
    // What is said to be saved is the difference of the sums, by a formula that knows tiles, not plans.
    const auto saved = static_cast<double>(through.total.dram_bytes - kept.total.dram_bytes);
    EXPECT_NEAR(static_cast<double>(kept.memory.saved.count()), saved,
                0.03 * static_cast<double>(through.total.dram_bytes))
        << what;
  }
}

}  // namespace
}  // namespace lanewise::study::testing
