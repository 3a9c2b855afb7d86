// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/partition.hpp"

#include <utility>

#include "core/mapping/passes.hpp"

namespace lanewise::mapping {

Partition partition_with_memory(const network::Graph& graph, const engine::EngineConfig& engine) {
  std::vector<Pass> passes = form_passes(graph, engine);
  Partition out;
  out.memory = place_tensors(passes, graph, engine);
  out.subgraphs.reserve(passes.size());
  for (Pass& pass : passes) out.subgraphs.push_back(std::move(pass.subgraph));
  return out;
}

std::vector<Subgraph> partition(const network::Graph& graph, const engine::EngineConfig& engine) {
  return partition_with_memory(graph, engine).subgraphs;
}

}  // namespace lanewise::mapping
