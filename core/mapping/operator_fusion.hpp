// SPDX-License-Identifier: Apache-2.0
// The first half of partitioning: operators grouped into subgraphs, before anything is decided about where tensors
// live.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

struct SubgraphDraft {
  Subgraph subgraph;                           // context not filled in
  std::vector<network::TensorId> inputs;       // activation tensors read, reshapes looked through; main input first
  network::TensorId operand = network::kNone;  // of a fused element-wise step, or the second matrix of a matmul
  network::TensorId output = network::kNone;   // the storage written: of a part, the concatenation that it is in
  bool leaves = false;                         // an output of the network is in that storage
};

// In execution order. Throws Error naming the operator that the engine cannot run.
std::vector<SubgraphDraft> fuse_operators(const network::Graph& graph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
