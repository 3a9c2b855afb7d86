// SPDX-License-Identifier: Apache-2.0
// Poolings and reductions.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/convert.hpp"

namespace lanewise::network::importing {

void Converter::pooling(const Node& node) {
  const ValueId x = input(node, 0);
  require_spatial(node, shape(x).size());
  const std::vector<std::int64_t> kernel = integers(*node.proto, "kernel_shape");
  if (kernel.size() + 2 != shape(x).size()) {
    fail(network_, node,
         fmt::format("kernel_shape has {} entries for {} spatial dimensions", kernel.size(), shape(x).size() - 2));
  }
  Operator op = start(node, node.type == "MaxPool" ? OperatorKind::kMaxPool : OperatorKind::kAveragePool);
  std::copy(kernel.begin(), kernel.end(), op.window.kernel + (2 - kernel.size()));
  read_window(node, shape(x), shape(node.outputs[0]), op.window);
  op.inputs = {image(x)};
  op.outputs = {output_image(node.outputs[0])};
  add(std::move(op));
}

void Converter::global_pooling(const Node& node) {
  const ValueId x = input(node, 0);
  require_spatial(node, shape(x).size());
  Operator op =
      start(node, node.type == "GlobalMaxPool" ? OperatorKind::kGlobalMaxPool : OperatorKind::kGlobalAveragePool);
  op.inputs = {image(x)};
  op.outputs = {output_image(node.outputs[0])};
  add(std::move(op));
}

void Converter::reduction(const Node& node) {
  const ValueId x = input(node, 0);
  const Shape& from = shape(x);
  Operator op = start(node, OperatorKind::kReduce);
  if (node.type == "ArgMax" || node.type == "ArgMin") {
    op.axes = {positive_axis(network_, node, integer(*node.proto, "axis", 0), from.size())};
  } else {
    for (const std::int64_t axis : integers_argument(network_, node, "axes", 1).value_or(Shape{})) {
      op.axes.push_back(positive_axis(network_, node, axis, from.size()));
    }
    std::sort(op.axes.begin(), op.axes.end());
    if (op.axes.empty()) {
      if (integer(*node.proto, "noop_with_empty_axes", 0) != 0) return forward(node.outputs[0], tensor(x));
      op.axes.resize(from.size());
      std::iota(op.axes.begin(), op.axes.end(), 0);
    }
  }
  const bool over_map = from.size() == 4 && op.axes == std::vector<std::int64_t>{2, 3};
  op.inputs = {tensor(x)};
  if (over_map && (node.type == "ReduceMean" || node.type == "ReduceMax")) {
    op.kind = node.type == "ReduceMean" ? OperatorKind::kGlobalAveragePool : OperatorKind::kGlobalMaxPool;
    op.axes.clear();
    if (shape(node.outputs[0]).size() == 2) {
      const TensorId pooled = between(node, "pooled", {from[0], from[1], 1, 1}, node.outputs[0]);
      op.outputs = {pooled};
      add(std::move(op));
      return add_reshape(node.name + "/flatten", node.source_type, pooled, output(node.outputs[0]));
    }
  }
  op.outputs = {output(node.outputs[0])};
  add(std::move(op));
}

}  // namespace lanewise::network::importing
