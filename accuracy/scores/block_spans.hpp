// SPDX-License-Identifier: Apache-2.0
// Where the blocks of a network begin and end, for scores that look at the signal between blocks.
#pragma once

#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::accuracy {

struct BlockSpan {
  network::TensorId input = network::kNone;   // what the block reads; of several the one written last
  network::TensorId output = network::kNone;  // what others read of it, behind its normalization and activation
};

// The blocks of a network in topological order: what the graph recognised (inverted bottlenecks, depthwise-separable
// and residual blocks), joined where they overlap, and every other convolution or linear layer by itself. Layers that
// work on a vector behind a mean, as a classifier does, are none, nor is what has no weights.
std::vector<BlockSpan> block_spans(const network::Graph& graph);

// The map before the global mean or maximum that the network's one output is computed from, through layers on vectors
// alone; kNone where there is no such map, as in a segmenter.
network::TensorId pooled_features(const network::Graph& graph);

}  // namespace lanewise::accuracy
