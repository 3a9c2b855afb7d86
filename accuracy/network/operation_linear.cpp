// SPDX-License-Identifier: Apache-2.0
// Operators that multiply and accumulate, and the normalization that rides on them.
#include <algorithm>

#include "accuracy/network/operation.hpp"

namespace lanewise::accuracy {

namespace {

using network::Window;

// Padding as libtorch's constant_pad_nd takes it: the last axis first.
std::vector<std::int64_t> last_first(const Window& window) {
  return {window.pad_begin[1], window.pad_end[1], window.pad_begin[0], window.pad_end[0]};
}

Compute make_plain_convolution(const Window& window, std::int64_t groups) {
  const std::vector<std::int64_t> stride{window.stride[0], window.stride[1]};
  const std::vector<std::int64_t> dilation{window.dilation[0], window.dilation[1]};
  bool even = true;
  for (const int axis : {0, 1})
    even = even && window.pad_begin[axis] == window.pad_end[axis] && window.pad_end[axis] >= 0;
  const std::vector<std::int64_t> inside =
      even ? std::vector<std::int64_t>{window.pad_begin[0], window.pad_begin[1]} : std::vector<std::int64_t>{0, 0};
  const std::vector<std::int64_t> outside = even ? std::vector<std::int64_t>{} : last_first(window);
  return [=](Call& call) -> std::vector<torch::Tensor> {
    torch::Tensor x = call.inputs[0];
    if (!outside.empty()) x = at::constant_pad_nd(x, outside);
    const torch::Tensor bias = call.weights.size() > 1 ? call.weights[1] : torch::Tensor();
    return {at::conv2d(x, call.weights[0], bias, stride, inside, dilation, groups)};
  };
}

// What the end pad lacks of the one at the beginning is output padding, as far as libtorch takes it as such; anything
// else is cut off, or added as positions that no input reaches.
Compute make_transposed_convolution(const Window& window, std::int64_t groups) {
  const std::vector<std::int64_t> stride{window.stride[0], window.stride[1]};
  const std::vector<std::int64_t> dilation{window.dilation[0], window.dilation[1]};
  std::vector<std::int64_t> padding, more;
  bool direct = true;
  for (const int axis : {0, 1}) {
    padding.push_back(window.pad_begin[axis]);
    more.push_back(window.pad_begin[axis] - window.pad_end[axis]);
    direct = direct && padding.back() >= 0 && more.back() >= 0 &&
             more.back() < std::max(window.stride[axis], window.dilation[axis]);
  }
  std::vector<std::int64_t> cut = last_first(window);
  for (std::int64_t& pad : cut) pad = -pad;
  return [=](Call& call) -> std::vector<torch::Tensor> {
    const torch::Tensor bias = call.weights.size() > 1 ? call.weights[1] : torch::Tensor();
    if (direct) {
      return {at::conv_transpose2d(call.inputs[0], call.weights[0], bias, stride, padding, more, groups, dilation)};
    }
    torch::Tensor y = at::conv_transpose2d(call.inputs[0], call.weights[0], {}, stride, 0, 0, groups, dilation);
    y = at::constant_pad_nd(y, cut);
    return {bias.defined() ? y + bias.view({1, -1, 1, 1}) : y};
  };
}

}  // namespace

Compute make_convolution(const Described& d) {
  if (d.op.weights.empty() || d.op.inputs.size() != 1) d.refuse("its weight is computed, and no parameter");
  return d.op.transposed ? make_transposed_convolution(d.op.window, d.op.groups)
                         : make_plain_convolution(d.op.window, d.op.groups);
}

Compute make_fully_connected(const Described& d) {
  if (d.op.weights.empty()) d.refuse("its weight is computed, and no parameter");
  return [](Call& call) -> std::vector<torch::Tensor> {
    const torch::Tensor& weight = call.weights[0];
    if (call.weights.size() < 2) return {at::linear(call.inputs[0], weight)};
    const torch::Tensor& bias = call.weights[1];
    // One number for all outputs is a bias too.
    return {at::linear(call.inputs[0], weight, bias.numel() == weight.size(0) ? bias : bias.expand({weight.size(0)}))};
  };
}

Compute make_matmul(const Described& d) {
  if (!d.knows_order() || d.op.inputs.size() + d.op.weights.size() != 2) {
    d.refuse("which of its operands is constant the graph does not keep");
  }
  return [d](Call& call) -> std::vector<torch::Tensor> {
    const std::vector<torch::Tensor> both = d.operands(call);
    return {at::matmul(both[0], both[1])};
  };
}

Compute make_batch_normalization(const Described& d) {
  if (d.op.weights.size() != 4) d.refuse("it does not have scale, shift, mean and variance");
  constexpr double kEpsilon = 1e-5, kKept = 0.9;  // ONNX's own defaults, and PyTorch's
  const double epsilon = d.number("epsilon", kEpsilon);
  const double momentum = 1 - d.number("momentum", kKept);
  return [=](Call& call) -> std::vector<torch::Tensor> {
    const auto& w = call.weights;
    return {at::batch_norm(call.inputs[0], w[0], w[1], w[2], w[3], call.trains, momentum, epsilon, false)};
  };
}

}  // namespace lanewise::accuracy
