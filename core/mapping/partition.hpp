// SPDX-License-Identifier: Apache-2.0
// Graph x engine -> the subgraphs that the engine runs, in order, with what stays on chip between them.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/placement.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

// Fuses convolution + batch normalization + activation + element-wise + pooling as the engine allows, drops what costs
// nothing (reshapes), and decides which activations stay on chip. Pure: same graph and engine, same subgraphs.
// Throws Error naming operator and rule when the engine cannot run it.
struct Partition {
  std::vector<Subgraph> subgraphs;
  MemoryMap memory;
};
Partition partition_with_memory(const network::Graph& graph, const engine::EngineConfig& engine);
// The subgraphs alone.
std::vector<Subgraph> partition(const network::Graph& graph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
