// SPDX-License-Identifier: Apache-2.0
#include "mapping/partition.hpp"

#include <utility>

#include "mapping/passes.hpp"
#include "mapping/placement.hpp"

namespace lanewise::mapping {

std::vector<Subgraph> partition(const network::Graph& graph, const engine::EngineConfig& engine) {
  std::vector<Pass> passes = form_passes(graph, engine);
  place_tensors(passes, graph, engine);
  std::vector<Subgraph> subgraphs;
  subgraphs.reserve(passes.size());
  for (Pass& pass : passes) subgraphs.push_back(std::move(pass.subgraph));
  return subgraphs;
}

}  // namespace lanewise::mapping
