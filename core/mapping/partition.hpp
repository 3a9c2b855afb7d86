// SPDX-License-Identifier: Apache-2.0
// From a graph and an engine to the subgraphs that the engine runs, in order, and what stays on chip between them.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/cascade.hpp"
#include "core/mapping/placement.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

struct Partition {
  // In the order in which they run. The subgraphs of a cascade come in parts, stripe by stripe.
  std::vector<Subgraph> subgraphs;
  MemoryMap memory;  // by whole subgraphs
  std::vector<Cascade> cascades;
};

// A subgraph of the network and what runs of it.
struct WholeSubgraph {
  const Subgraph* whole = nullptr;  // as fused from the network
  std::vector<std::size_t> parts;  // in Partition::subgraphs, in the order in which they run; itself, where it is whole

  std::size_t middle() const { return parts[parts.size() / 2]; }  // the part that stands for all in a closer look
};
// In the order of the network. Outside cascades there is one part each. Points into `partition`.
std::vector<WholeSubgraph> whole_subgraphs(const Partition& partition);
// Fuses convolution, batch normalization, activation, element-wise operator and pooling as far as the engine can, drops
// what costs nothing, such as reshapes, and decides which activations stay on chip and, with mapping.cascade, which
// subgraphs run stripe by stripe. A pure function: the same graph and engine give the same subgraphs. Throws Error
// naming operator and rule where the engine cannot run an operator.
Partition partition_with_memory(const network::Graph& graph, const engine::EngineConfig& engine);
// The subgraphs alone.
std::vector<Subgraph> partition(const network::Graph& graph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
