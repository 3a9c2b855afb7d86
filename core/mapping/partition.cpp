// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/partition.hpp"

#include <utility>

#include "core/mapping/operator_fusion.hpp"

namespace lanewise::mapping {

Partition partition_with_memory(const network::Graph& graph, const engine::EngineConfig& engine) {
  std::vector<SubgraphDraft> drafts = fuse_operators(graph, engine);
  Partition out;
  out.memory = place_tensors(drafts, graph, engine);
  out.subgraphs.reserve(drafts.size());
  for (SubgraphDraft& draft : drafts) out.subgraphs.push_back(std::move(draft.subgraph));
  return out;
}

std::vector<Subgraph> partition(const network::Graph& graph, const engine::EngineConfig& engine) {
  return partition_with_memory(graph, engine).subgraphs;
}

}  // namespace lanewise::mapping
