// SPDX-License-Identifier: Apache-2.0
// Which inverted bottlenecks (IBN) may become fused ones, and what that removes and adds.
#pragma once

#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::network {

struct FusionPlan {
  std::size_t block = 0;            // index into Graph::blocks()
  std::vector<OperatorId> dropped;  // those between expand and depthwise, and the depthwise convolution; ascending
  OperatorId expand = kNone;        // becomes the full convolution
  OperatorId depthwise = kNone;     // gives its window and output to `expand`
  Window window;                    // that of the depthwise convolution, with the padding of the pads dropped added
};

// One plan, in topological order, per IBN that may be fused: nothing else reads its expanded tensor, only activations,
// batch normalizations and spatial pads stand between expand and depthwise, and it shares no weights.
std::vector<FusionPlan> find_fusions(const Graph& graph);

}  // namespace lanewise::network
