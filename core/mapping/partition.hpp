// SPDX-License-Identifier: Apache-2.0
// From a graph and an engine to the subgraphs that the engine runs, in order, and what stays on chip between them.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/placement.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

struct Partition {
  std::vector<Subgraph> subgraphs;
  MemoryMap memory;
};
// Fuses convolution, batch normalization, activation, element-wise operator and pooling as far as the engine can, drops
// what costs nothing, such as reshapes, and decides which activations stay on chip. A pure function: the same graph and
// engine give the same subgraphs. Throws Error naming operator and rule where the engine cannot run an operator.
Partition partition_with_memory(const network::Graph& graph, const engine::EngineConfig& engine);
// The subgraphs alone.
std::vector<Subgraph> partition(const network::Graph& graph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
