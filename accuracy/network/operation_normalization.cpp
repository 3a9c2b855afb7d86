// SPDX-License-Identifier: Apache-2.0
// Normalizations over what one image holds.
#include <algorithm>

#include "accuracy/network/operation.hpp"

namespace lanewise::accuracy {

namespace {

using torch::Tensor;

constexpr double kEpsilon = 1e-5;  // ONNX's own default, and PyTorch's

bool are_trailing(const std::vector<std::int64_t>& axes, std::size_t rank) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] != static_cast<std::int64_t>(rank - axes.size() + i)) return false;
  }
  return !axes.empty() && axes.size() <= rank;
}

// A parameter as it is multiplied with what it scales: from the last axis on, or one number for each channel.
std::vector<std::int64_t> view_of(const Sizes& parameter, const Sizes& shape, const std::vector<std::int64_t>& axes) {
  const bool last = !axes.empty() && axes.back() == static_cast<std::int64_t>(shape.size()) - 1;
  const bool by_channel = parameter.size() == 1 && shape.size() >= 2 && parameter[0] == shape[1] &&
                          !(last && parameter[0] == shape.back() && axes.size() == 1);
  if (!by_channel) return parameter;
  std::vector<std::int64_t> view(shape.size(), 1);
  view[1] = parameter[0];
  return view;
}

// Groups of channels, each normalized by itself.
Compute make_groups(const Described& d, double epsilon) {
  const Sizes& shape = d.input_shape();
  const auto groups = static_cast<std::int64_t>(d.number("num_groups", 0));
  if (groups < 1 || shape[1] % groups != 0) d.refuse("how many groups it normalizes, only its file says");
  return [=](Call& call) -> std::vector<Tensor> {
    const Tensor bias = call.weights.size() > 1 ? call.weights[1] : Tensor();
    const Tensor& scale = call.weights[0];
    // Operator set 18 has a scale for each group, later ones for each channel.
    const std::int64_t each = call.inputs[0].size(1) / scale.numel();
    const auto spread = [&](const Tensor& w) { return w.defined() && each > 1 ? w.repeat_interleave(each) : w; };
    return {at::group_norm(call.inputs[0], groups, spread(scale), spread(bias), epsilon, false)};
  };
}

}  // namespace

Compute make_layer_normalization(const Described& d) {
  const Sizes& shape = d.input_shape();
  const std::vector<std::int64_t> axes = d.op.axes;
  const bool trailing = are_trailing(axes, shape.size());
  const double epsilon = d.number("epsilon", kEpsilon);
  if (axes.empty()) d.refuse("it normalizes over no axis");
  if (d.op.weights.empty()) {
    // MeanVarianceNormalization, whose smallest deviation is fixed, unless it was spelled out.
    constexpr double kSmallest = 1e-9;
    const bool spelled_out = d.has_number("epsilon");
    return [=](Call& call) -> std::vector<Tensor> {
      const Tensor& x = call.inputs[0];
      const Tensor centred = x - x.mean(axes, true);
      const Tensor variance = centred.square().mean(axes, true);
      return {spelled_out ? centred * (variance + epsilon).rsqrt() : centred / (variance.sqrt() + kSmallest)};
    };
  }
  const Sizes& parameter = d.graph.tensor(d.op.weights[0]).shape;
  const bool over_channels = trailing && axes.front() == 1 && shape.size() >= 3;
  if (over_channels && parameter.size() == 1) return make_groups(d, epsilon);
  const Sizes normalized(shape.begin() + (trailing ? axes.front() : 0), shape.end());
  const bool says = d.has_number("centred") || d.op.source_type == "LayerNormalization" ||
                    d.op.source_type == "InstanceNormalization";
  if (!says && d.op.weights.size() == 1) d.refuse("whether it subtracts a mean, only its file says");
  const bool centres = d.number("centred", 1) != 0;
  if (centres && trailing && parameter == normalized) {
    return [=](Call& call) -> std::vector<Tensor> {
      const Tensor bias = call.weights.size() > 1 ? call.weights[1] : Tensor();
      return {at::layer_norm(call.inputs[0], normalized, call.weights[0], bias, epsilon, false)};
    };
  }
  std::vector<std::vector<std::int64_t>> views;
  for (const network::TensorId id : d.op.weights) views.push_back(view_of(d.graph.tensor(id).shape, shape, axes));
  return [=](Call& call) -> std::vector<Tensor> {
    const Tensor& x = call.inputs[0];
    const Tensor centred = centres ? x - x.mean(axes, true) : x;
    Tensor y = centred * (centred.square().mean(axes, true) + epsilon).rsqrt() * call.weights[0].reshape(views[0]);
    if (call.weights.size() > 1) y = y + call.weights[1].reshape(views[1]);
    return {y};
  };
}

// x / (bias + alpha / size * sum of squares over `size` neighbouring channels) ^ beta.
Compute make_local_response(const Described& d) {
  if (!d.has_number("size")) d.refuse("how many channels its window holds, only its file says");
  const auto size = static_cast<std::int64_t>(d.number("size", 0));
  const double alpha = d.number("alpha", 1e-4), beta = d.number("beta", 0.75), bias = d.number("bias", 1);
  return [=](Call& call) -> std::vector<Tensor> {
    const Tensor& x = call.inputs[0];
    std::vector<std::int64_t> pads(static_cast<std::size_t>(2 * (x.dim() - 2)), 0);
    pads.push_back((size - 1) / 2);
    pads.push_back(size / 2);
    const Tensor squares = at::constant_pad_nd(x.square(), pads);
    Tensor sum = squares.narrow(1, 0, x.size(1));
    for (std::int64_t i = 1; i < size; ++i) sum = sum + squares.narrow(1, i, x.size(1));
    return {x / (sum * (alpha / static_cast<double>(size)) + bias).pow(beta)};
  };
}

Compute make_softmax(const Described& d) {
  if (d.op.axes.size() != 1) d.refuse("a softmax goes over one axis");
  const std::int64_t axis = d.op.axes[0];
  const bool logarithm = d.op.source_type == "LogSoftmax";
  return [=](Call& call) -> std::vector<Tensor> {
    return {logarithm ? at::log_softmax(call.inputs[0], axis) : at::softmax(call.inputs[0], axis)};
  };
}

}  // namespace lanewise::accuracy
