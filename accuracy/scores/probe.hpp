// SPDX-License-Identifier: Apache-2.0
// What scores do to a network: feed it, and look at what its operators write.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <vector>

#include "accuracy/network/graph_module.hpp"
#include "core/base/random.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

using Tensors = std::vector<torch::Tensor>;

// Standard normal numbers, the same on every machine.
torch::Tensor normal_tensor(const std::vector<std::int64_t>& shape, Random& random);
// Each -1 or +1.
torch::Tensor sign_tensor(const std::vector<std::int64_t>& shape, Random& random);
// One tensor per input of the graph, with `batch` in place of its first dimension, ~ N(0, 1).
Tensors normal_inputs(const network::Graph& graph, std::int64_t batch, Random& random);

// A tensor as rows of channels: [batch, channels, height, width] becomes [batch·height·width, channels], and
// [batch, positions, channels] becomes [batch·positions, channels].
torch::Tensor channel_rows(const torch::Tensor& value);

// a·bᵀ of [m, k] and [n, k] in single precision, without gradients. By oneDNN, which is ten times as fast as the
// reference BLAS that Debian's libtorch multiplies matrices with; by that where there is no oneDNN.
torch::Tensor product(const torch::Tensor& a, const torch::Tensor& b);

// Runs the module and returns its outputs; `seen` gets what its operators write, for the tensors that it has keys of.
Tensors run_and_see(GraphModule& module, const Tensors& inputs, std::map<network::TensorId, torch::Tensor>& seen);

// Sum over all elements of all outputs.
torch::Tensor total(const Tensors& outputs);

// Whether a function is (nearly) the identity where its input is positive, and bends at zero: rectifiers, hard-swish
// and their kin.
bool bends_at_zero(network::ActivationFunction function);

// The weights of convolutions and linear layers, as they are registered.
Tensors layer_weights(const GraphModule& module);

}  // namespace lanewise::accuracy
