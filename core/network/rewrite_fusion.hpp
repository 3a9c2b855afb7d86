// SPDX-License-Identifier: Apache-2.0
// Which IBNs may become fused IBNs, and what each takes away and puts in.
#pragma once

#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::network {

struct FusionPlan {
  std::size_t block = 0;            // index into Graph::blocks()
  std::vector<OperatorId> dropped;  // between expand and depthwise, and the depthwise itself; ascending
  OperatorId expand = kNone;        // becomes the full convolution
  OperatorId depthwise = kNone;     // gives it window and output
  Window window;                    // the depthwise's, with the spatial padding of the pads dropped
};

// One for each IBN whose expanded tensor nothing else reads, with only activations, batch normalizations and spatial
// pads between expand and depthwise, and weights of its own. In topological order.
std::vector<FusionPlan> find_fusions(const Graph& graph);

}  // namespace lanewise::network
