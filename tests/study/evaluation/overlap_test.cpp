// SPDX-License-Identifier: Apache-2.0
// What engines that program subgraphs ahead save, by formula and by the simulation of whole networks.
#include "estimator/overlap.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::study {
namespace {

struct Saved {
  double programming = 0, estimated = 0, doubt = 0, simulated = 0;
};

Saved saved(const std::string& network, const engine::EngineConfig& engine) {
  const network::Graph graph = network::import_network("models/" + network + ".onnx");
  const mapping::Partition partition = mapping::partition_with_memory(graph, engine);
  const NetworkAnswer answer = simulate_network(graph, engine);
  std::vector<double> cycles;
  Saved out;
  for (const Command& command : answer.commands) {
    cycles.push_back(static_cast<double>(command.latency_cycles));
    out.simulated += static_cast<double>(command.latency_cycles - command.in_network_cycles);
  }
  out.programming = as_double(engine.command.per_pass) * static_cast<double>(cycles.size() - 1);
  const std::vector<estimator::Overlap> each = estimator::overlaps(partition.subgraphs, engine, cycles);
  for (std::size_t i = 0; i < each.size(); ++i) {
    EXPECT_LE(each[i].cycles, cycles[i]) << partition.subgraphs[i].name;
    out.estimated += each[i].cycles;
    out.doubt += each[i].doubt;
  }
  return out;
}

engine::EngineConfig engine_of(const std::string& name) {
  return engine::load_engine("hwconfigs/" + name + ".yaml").config;
}

TEST(Overlap, one_register_group_saves_nothing) { EXPECT_EQ(saved("squeezenet1_1", engine_of("ne-256")).estimated, 0); }

TEST(Overlap, a_chain_saves_programming_alone) {
  const Saved chain = saved("resnet18", engine_of("nvdla-small"));
  EXPECT_NEAR(chain.estimated, chain.programming, 0.2 * chain.programming);
  EXPECT_NEAR(chain.simulated, chain.programming, 0.2 * chain.programming);
}

// Branches: every third subgraph of SqueezeNet reads what the one before its predecessor wrote.
TEST(Overlap, branches_save_their_loading_by_about_what_the_simulator_says) {
  for (const char* name : {"nvdla-small", "nvdla-small-256", "nvdla-medium-512"}) {
    const Saved branches = saved("squeezenet1_1", engine_of(name));
    EXPECT_GT(branches.estimated, 1.5 * branches.programming) << name;
    EXPECT_NEAR(branches.estimated, branches.simulated, branches.doubt) << name;
  }
}

}  // namespace
}  // namespace lanewise::study
