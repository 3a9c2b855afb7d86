// SPDX-License-Identifier: Apache-2.0
// Which dimension of each tensor counts the images of a batch, so that a network runs at another batch than its graph
// states.
#pragma once

#include <functional>
#include <vector>

#include "core/network/file_details.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

// Leading dimension of the first graph input; 1 for a graph without inputs of any dimension.
std::int64_t batch_of(const network::Graph& graph);

// By tensor, kNone where no dimension does: weights, and what mixes the batch with other dimensions. `details` gives
// what the file says of an operator, or null.
using DetailsOf = std::function<const network::OperatorDetails*(const network::Operator& op)>;
std::vector<int> find_batch_axes(const network::Graph& graph, const DetailsOf& details);

}  // namespace lanewise::accuracy
