// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/partition.hpp"

#include <iterator>
#include <utility>

#include "core/mapping/operator_fusion.hpp"

namespace lanewise::mapping {

Partition partition_with_memory(const network::Graph& graph, const engine::EngineConfig& engine) {
  std::vector<SubgraphDraft> drafts = fuse_operators(graph, engine);
  Partition out;
  out.memory = place_tensors(drafts, graph, engine);
  if (engine.mapping.cascade) out.cascades = choose_cascades(drafts, graph, engine, out.memory);
  out.subgraphs.reserve(drafts.size());
  std::size_t next = 0;
  const auto whole_until = [&](std::size_t end) {
    for (; next < end; ++next) out.subgraphs.push_back(std::move(drafts[next].subgraph));
  };
  for (std::size_t c = 0; c < out.cascades.size(); ++c) {
    const Cascade& cascade = out.cascades[c];
    whole_until(cascade.first);
    std::vector<Subgraph> parts = parts_of(cascade, engine, static_cast<int>(c));
    std::move(parts.begin(), parts.end(), std::back_inserter(out.subgraphs));
    next += cascade.subgraphs.size();
  }
  whole_until(drafts.size());
  return out;
}

std::vector<Subgraph> partition(const network::Graph& graph, const engine::EngineConfig& engine) {
  return partition_with_memory(graph, engine).subgraphs;
}

std::vector<WholeSubgraph> whole_subgraphs(const Partition& partition) {
  std::vector<WholeSubgraph> out;
  for (std::size_t i = 0; i < partition.subgraphs.size();) {
    const int number = partition.subgraphs[i].part.cascade;
    if (number < 0) {
      out.push_back({&partition.subgraphs[i], {i}});
      ++i;
      continue;
    }
    const std::size_t first = out.size();
    for (const Subgraph& whole : partition.cascades[static_cast<std::size_t>(number)].subgraphs) {
      out.push_back({&whole, {}});
    }
    for (; i < partition.subgraphs.size() && partition.subgraphs[i].part.cascade == number; ++i) {
      out[first + partition.subgraphs[i].part.place].parts.push_back(i);
    }
  }
  return out;
}

}  // namespace lanewise::mapping
