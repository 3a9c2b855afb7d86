// SPDX-License-Identifier: Apache-2.0
// Which operators the post-processor does on the way, as part of the subgraph that writes what they read.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/layout.hpp"
#include "core/mapping/operator_fusion.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

class FollowerFusion {
 public:
  // `ready` says, by tensor, whether it is written before the subgraph runs. All four are kept as references.
  FollowerFusion(const network::Graph& graph, const engine::EngineConfig& engine, const Layout& layout,
                 const std::vector<bool>& ready)
      : graph_(graph), engine_(engine), layout_(layout), ready_(ready) {}

  // Takes `op`, which reads the tensor `at` that the subgraph writes, into the subgraph where the engine's
  // post-processor can do both at once. Where it cannot, returns false and leaves the subgraph as it was.
  bool absorb(const network::Operator& op, network::TensorId at, SubgraphDraft& draft) const;

 private:
  bool absorb_constant(const network::Operator& op, SubgraphShape& shape) const;
  bool absorb_elementwise(const network::Operator& op, network::TensorId at, SubgraphDraft& draft) const;
  bool absorb_pooling(const network::Operator& op, SubgraphShape& shape) const;

  const network::Graph& graph_;
  const engine::EngineConfig& engine_;
  const Layout& layout_;
  const std::vector<bool>& ready_;
};

}  // namespace lanewise::mapping
