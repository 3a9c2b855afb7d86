// SPDX-License-Identifier: Apache-2.0
// The first half of partitioning: groups operators into subgraphs, each of them what the engine runs as one fused
// command. Where tensors live is decided afterwards, by placement.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

// A subgraph before placement. Tensors stand for their storage: reshapes and other views are looked through.
struct SubgraphDraft {
  Subgraph subgraph;                           // all but its context, which placement fills in
  std::vector<network::TensorId> inputs;       // activation tensors read, the main input first
  network::TensorId operand = network::kNone;  // of a fused element-wise step, or the second matrix of a matmul
  network::TensorId output = network::kNone;   // tensor written; for part of a concatenation, the concatenation
  bool leaves = false;                         // whether the storage written holds an output of the network
};

// The subgraphs of a network on an engine, in the order in which they run. Throws Error naming the operator that the
// engine cannot run.
std::vector<SubgraphDraft> fuse_operators(const network::Graph& graph, const engine::EngineConfig& engine);

// What fuse_operators reads of an engine to fuse this network: engines that agree on these values give equal drafts.
// Most networks do not ask how wide surfaces and bursts are.
struct FusionValues {
  bool fuses_elementwise = true, fuses_pooling = true, cascades = false, has_patches = false;
  std::int64_t lanes = 0;  // 0: no operator asks for lanes or bursts
  Bytes burst{0};
};
FusionValues fusion_values(const network::Graph& graph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
