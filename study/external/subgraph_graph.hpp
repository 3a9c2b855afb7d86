// SPDX-License-Identifier: Apache-2.0
// A subgraph as a network of its own, for programs that read ONNX.
#pragma once

#include "core/mapping/subgraph.hpp"
#include "core/network/graph.hpp"

namespace lanewise::study {

// The main operator with all that is fused behind it: bias, activation, second operand, pooling. What a subgraph does
// not tell is filled in: its poolings take maxima, its reductions means, its element-wise operators add, and its
// normalizations are softmaxes. Throws Error naming the family for one that cannot be told as a network: resizing,
// moving, and what the host runs.
network::Graph graph_of(const mapping::Subgraph& subgraph);

}  // namespace lanewise::study
