// SPDX-License-Identifier: Apache-2.0
// Convolutions that are linear layers at every position.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::accuracy {

// Weights of the convolutions that have a bias of their own and are read by no normalization, and by no activation but
// a gate's (sigmoid, hard sigmoid): what predicts classes and boxes, and what weighs channels.
std::vector<network::TensorId> linear_weights(const network::Graph& graph);

// Networks are initialised for layers that a ReLU follows, which takes away half of the variance: 2/fan-in. Where
// nothing follows, 1/fan-in keeps it, as for linear layers. Multiplies these weights by √½.
void initialise_linear(const network::Graph& graph, const std::function<torch::Tensor(network::TensorId)>& weight);

}  // namespace lanewise::accuracy
