// SPDX-License-Identifier: Apache-2.0
// Which tensors of a graph are maps that a resolution decides.
#pragma once

#include <set>

#include "core/network/graph.hpp"

namespace lanewise::network {

// Whether a shape is that of images with more than one pixel.
bool is_map(const std::vector<std::int64_t>& shape);
bool is_interpolation(const Operator& op);
// Whether something that slides a window over a map works on what comes from the tensor; a cache of keys is no image.
bool reaches_window(const Graph& graph, TensorId from);
// Interpolations from which nothing but functions of single numbers, softmax and reductions of channels leads to an
// output.
std::set<OperatorId> final_interpolations(const Graph& graph);

}  // namespace lanewise::network
