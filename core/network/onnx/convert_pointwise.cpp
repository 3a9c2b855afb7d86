// SPDX-License-Identifier: Apache-2.0
// Activations, element-wise operators, normalizations, softmax.
#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/convert.hpp"
#include "core/network/onnx/operators.hpp"

namespace lanewise::network::importing {

void Converter::activation(const Node& node) {
  input(node, 0);
  Operator op = start(node, OperatorKind::kActivation);
  op.activation = find_conversion(node.type)->activation;
  connect(node, op);
  add(std::move(op));
}

void Converter::clip(const Node& node) {
  const ValueId x = input(node, 0);
  // A bound is a number, "unbounded", or (computed, or stripped) not known; then the clip is taken as it is.
  const auto bound = [&](const char* name, std::size_t n, double unbounded) {
    if (const onnx::AttributeProto* attribute = find_attribute(*node.proto, name)) {
      return static_cast<double>(attribute->f());
    }
    if (!has_input(node, n)) return unbounded;
    const Constant* constant = network_.constant(node.inputs[n]);
    return constant == nullptr || constant->size() != 1 ? std::nan("") : constant->as_real(0);
  };
  constexpr double kHuge = 1e30;
  const double low = bound("min", 1, -kHuge);
  const double high = bound("max", 2, kHuge);
  Node plain = node;
  plain.inputs = {x};
  Operator op = start(node, OperatorKind::kActivation);
  op.activation = ActivationFunction::kClip;
  if (low == 0 && high >= kHuge) op.activation = ActivationFunction::kRelu;
  if (low == 0 && std::fabs(high - 6) < 1e-3) op.activation = ActivationFunction::kRelu6;
  connect(plain, op);
  add(std::move(op));
}

void Converter::parametric_relu(const Node& node) {
  if (!network_.is_weight(input(node, 1)) || network_.is_weight(input(node, 0))) {
    fail(network_, node, "its slope is computed; only a constant one is supported");
  }
  Operator op = start(node, OperatorKind::kActivation);
  op.activation = ActivationFunction::kPRelu;
  connect(node, op);
  add(std::move(op));
}

void Converter::elementwise(const Node& node) {
  Operator op = start(node, OperatorKind::kElementwise);
  op.elementwise = find_conversion(node.type)->elementwise;
  if (node.inputs.size() == 1) return forward(node.outputs[0], tensor(input(node, 0)));  // Sum, Max … of one
  if (node.type == "Pow" && !network_.is_weight(input(node, 0))) {
    const Constant* exponent = network_.constant(input(node, 1));
    if (exponent != nullptr && exponent->size() == 1 && exponent->as_real(0) == 0.5) {
      op.kind = OperatorKind::kActivation;
      op.activation = ActivationFunction::kSqrt;
      Node root = node;
      root.inputs.resize(1);
      connect(root, op);
      return add(std::move(op));
    }
  }
  connect(node, op);
  add(std::move(op));
}

void Converter::normalization(const Node& node) {
  const ValueId x = input(node, 0);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (has_input(node, i) && !network_.is_weight(node.inputs[i])) {
      fail(network_, node,
           fmt::format("its parameter '{}' is computed; only constant ones are supported", value(node.inputs[i]).name));
    }
  }
  const std::size_t rank = shape(x).size();
  Operator op = start(node, OperatorKind::kLayerNormalization);
  std::size_t first = 2;  // an instance normalization's axes are the spatial ones
  if (node.type == "BatchNormalization") {
    op.kind = OperatorKind::kBatchNormalization;
    connect(node, op);
    if (op.weights.size() != 4) fail(network_, node, "does not have scale, shift, mean and variance");
    return add(std::move(op));
  }
  if (node.type == "LayerNormalization") {
    first = static_cast<std::size_t>(positive_axis(network_, node, integer(*node.proto, "axis", -1), rank));
  }
  if (node.type == "GroupNormalization") first = 1;
  for (std::size_t axis = first; axis < rank; ++axis) op.axes.push_back(static_cast<std::int64_t>(axis));
  if (node.type == "MeanVarianceNormalization") {
    op.axes.clear();
    for (const std::int64_t axis : integers(*node.proto, "axes")) {
      op.axes.push_back(positive_axis(network_, node, axis, rank));
    }
  }
  op.inputs = {tensor(x)};
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (has_input(node, i)) op.weights.push_back(tensor(node.inputs[i]));
  }
  op.outputs = {output(node.outputs[0])};
  add(std::move(op));
}

void Converter::local_response(const Node& node) {
  require_spatial(node, shape(input(node, 0)).size());
  Operator op = start(node, OperatorKind::kLocalResponseNormalization);
  connect(node, op);
  op.axes = {1};
  add(std::move(op));
}

// Before operator set 13 a softmax took every axis from the given one on together.
void Converter::softmax(const Node& node) {
  const ValueId x = input(node, 0);
  const Shape& from = shape(x);
  constexpr int kOneAxis = 13;
  const bool one_axis = node.opset >= kOneAxis;
  const auto axis = static_cast<std::size_t>(
      positive_axis(network_, node, integer(*node.proto, "axis", one_axis ? -1 : 1), from.size()));
  const auto product = [&](std::size_t begin, std::size_t end) {
    return std::accumulate(from.begin() + static_cast<std::ptrdiff_t>(begin),
                           from.begin() + static_cast<std::ptrdiff_t>(end), std::int64_t{1}, std::multiplies<>());
  };
  Operator op = start(node, OperatorKind::kSoftmax);
  if (one_axis || product(axis + 1, from.size()) == 1) {
    op.axes = {static_cast<std::int64_t>(axis)};
    op.inputs = {tensor(x)};
    op.outputs = {output(node.outputs[0])};
    return add(std::move(op));
  }
  const Shape flat{product(0, axis), product(axis, from.size())};
  const TensorId before = between(node, "flattened", flat, x);
  const TensorId after = between(node, "result", flat, node.outputs[0]);
  add_reshape(node.name + "/flatten", node.source_type, tensor(x), before);
  op.axes = {1};
  op.inputs = {before};
  op.outputs = {after};
  add(std::move(op));
  add_reshape(node.name + "/unflatten", node.source_type, after, output(node.outputs[0]));
}

}  // namespace lanewise::network::importing
