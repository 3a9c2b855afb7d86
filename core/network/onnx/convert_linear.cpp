// SPDX-License-Identifier: Apache-2.0
// Operators that multiply and accumulate, and the sliding window that convolutions share with poolings.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/convert.hpp"

namespace lanewise::network::importing {

namespace {

// Attributes of a window in the order of the file's spatial axes.
struct WindowAttributes {
  std::vector<std::int64_t> strides, dilations, pads;
  std::string automatic;
};

WindowAttributes window_attributes(const Node& node, std::size_t axes) {
  WindowAttributes result;
  result.strides = integers(*node.proto, "strides");
  result.dilations = integers(*node.proto, "dilations");
  result.pads = integers(*node.proto, "pads");
  result.automatic = text(*node.proto, "auto_pad", "NOTSET");
  if (result.strides.empty()) result.strides.assign(axes, 1);
  if (result.dilations.empty()) result.dilations.assign(axes, 1);
  if (result.pads.empty() || result.automatic == "VALID") result.pads.assign(2 * axes, 0);
  return result;
}

}  // namespace

void Converter::require_spatial(const Node& node, std::size_t rank) const {
  if (rank != 3 && rank != 4) {
    fail(network_, node, fmt::format("a tensor of {} dimensions is not supported; one or two spatial ones are", rank));
  }
}

// Everything but the kernel, which the caller has set. For poolings that round up, the end pad grows until the last
// window fits; for transposed convolutions it is what the output size leaves over.
void Converter::read_window(const Node& node, const Shape& in, const Shape& out, Window& window) const {
  const std::size_t axes = in.size() - 2;
  const WindowAttributes given = window_attributes(node, axes);
  if (given.strides.size() != axes || given.dilations.size() != axes || given.pads.size() != 2 * axes ||
      out.size() != in.size()) {
    fail(network_, node, fmt::format("strides, dilations or pads do not fit {} spatial dimensions", axes));
  }
  const bool transposed = node.type == "ConvTranspose";
  const bool same = given.automatic == "SAME_UPPER" || given.automatic == "SAME_LOWER";
  const bool derived = same || (transposed && !integers(*node.proto, "output_shape").empty());
  const bool more_at_end = (given.automatic == "SAME_UPPER") != transposed;
  for (std::size_t i = 0; i < axes; ++i) {
    const std::size_t d = i + 2 - axes;
    const std::int64_t stride = window.stride[d] = given.strides[i];
    window.dilation[d] = given.dilations[i];
    const std::int64_t span = (window.kernel[d] - 1) * window.dilation[d] + 1;
    const std::int64_t small = transposed ? in[i + 2] : out[i + 2];
    const std::int64_t large = transposed ? out[i + 2] : in[i + 2];
    const std::int64_t total = (small - 1) * stride + span - large;  // pads that the sizes ask for
    if (derived) {
      const std::int64_t pad = std::max<std::int64_t>(total, 0);
      window.pad_begin[d] = more_at_end ? pad / 2 : pad - pad / 2;
      window.pad_end[d] = pad - window.pad_begin[d];
      if (transposed) window.pad_end[d] = total - window.pad_begin[d];
      continue;
    }
    window.pad_begin[d] = given.pads[i];
    window.pad_end[d] = given.pads[axes + i];
    if (transposed || integer(*node.proto, "ceil_mode", 0) != 0) {
      const std::int64_t rest = total - window.pad_begin[d];
      window.pad_end[d] = transposed ? rest : std::max(window.pad_end[d], rest);
    }
    if (!transposed && (large + window.pad_begin[d] + window.pad_end[d] - span) / stride + 1 != small) {
      fail(network_, node,
           fmt::format("its output of {} does not follow from an input of {} and its window", small, large));
    }
  }
}

void Converter::convolution(const Node& node) {
  const ValueId x = input(node, 0);
  const ValueId w = input(node, 1);
  require_spatial(node, shape(x).size());
  if (!network_.is_weight(w) || network_.is_weight(x)) {
    fail(network_, node,
         fmt::format("its weight '{}' is computed; only constant weights are supported", value(w).name));
  }
  Operator op = start(node, OperatorKind::kConvolution);
  op.transposed = node.type == "ConvTranspose";
  op.groups = integer(*node.proto, "group", 1);
  Shape kernel = shape(w);
  const Shape& out = shape(node.outputs[0]);
  if (kernel.size() != shape(x).size()) {
    fail(network_, node,
         fmt::format("its weight '{}' has {} dimensions, its input {}", value(w).name, kernel.size(), shape(x).size()));
  }
  if (kernel.size() == 3) kernel.insert(kernel.begin() + 2, 1);
  // Stored [outputs, inputs of a group, ...], the other way round when transposed.
  const std::int64_t ins = op.transposed ? kernel[0] : kernel[1] * op.groups;
  const std::int64_t outs = op.transposed ? kernel[1] * op.groups : kernel[0];
  if (ins != shape(x)[1] || outs != out.at(1) || ins % op.groups != 0 || outs % op.groups != 0) {
    fail(network_, node,
         fmt::format("a weight [{}] in {} groups does not fit {} input and {} output channels",
                     fmt::join(shape(w), ", "), op.groups, shape(x)[1], out.at(1)));
  }
  std::copy(kernel.begin() + 2, kernel.end(), op.window.kernel);
  read_window(node, shape(x), out, op.window);
  op.inputs = {image(x)};
  op.weights = {weight(w, kernel)};
  if (has_input(node, 2)) {
    if (!network_.is_weight(node.inputs[2]) || element_count(shape(node.inputs[2])) != outs) {
      fail(network_, node,
           fmt::format("its bias '{}' is not one constant an output channel", value(node.inputs[2]).name));
    }
    op.weights.push_back(weight(node.inputs[2], {outs}));
  }
  op.outputs = {output_image(node.outputs[0])};
  add(std::move(op));
}

void Converter::gemm(const Node& node) {
  const ValueId a = input(node, 0);
  const ValueId b = input(node, 1);
  if (shape(a).size() != 2 || shape(b).size() != 2) fail(network_, node, "its operands are not matrices");
  const bool turned = integer(*node.proto, "transB", 0) != 0;
  const Shape& out = shape(node.outputs[0]);
  const std::int64_t depth = shape(b)[turned ? 1 : 0];
  const auto turn = [&](ValueId id, const char* what) {
    Operator op;
    op.name = unique_name(node.name + "/" + what);
    op.kind = OperatorKind::kTranspose;
    op.source_type = node.source_type;
    op.axes = {1, 0};
    op.inputs = {tensor(id)};
    op.outputs = {between(node, what, {shape(id)[1], shape(id)[0]}, id)};
    const TensorId made = op.outputs[0];
    add(std::move(op));
    return made;
  };
  const bool left_turned = integer(*node.proto, "transA", 0) != 0;
  const bool constant = network_.is_weight(b);
  const bool has_third = has_input(node, 2);
  const ValueId third = has_third ? node.inputs[2] : kNone;
  const std::int64_t numbers = has_third ? element_count(shape(third)).value_or(0) : 0;
  // One number for each output, or one for all.
  const bool is_bias = constant && has_third && network_.is_weight(third) &&
                       (numbers == 1 || (numbers == out[1] && shape(third).back() == out[1]));
  const bool has_sum = has_third && !is_bias;
  TensorId result = kNone;
  const auto make_result = [&] {
    return result = has_sum ? between(node, "product", out, node.outputs[0]) : output(node.outputs[0]);
  };
  if (!constant && network_.is_weight(a)) {
    const TensorId right = turned ? turn(b, "right") : tensor(b);
    multiply_constant(node, a, {out[0], depth}, right, make_result());
  } else {
    Operator op = start(node, constant ? OperatorKind::kFullyConnected : OperatorKind::kMatMul);
    op.inputs = {left_turned ? turn(a, "left") : tensor(a)};
    if (constant) {
      op.weights = {weight(b, {out[1], depth})};
    } else {
      op.inputs.push_back(turned ? turn(b, "right") : tensor(b));
    }
    if (is_bias) op.weights.push_back(weight(third, {numbers}));
    op.outputs = {make_result()};
    add(std::move(op));
  }
  if (!has_sum) return;
  Operator sum;
  sum.name = unique_name(node.name + "/sum");
  sum.kind = OperatorKind::kElementwise;
  sum.source_type = node.source_type;
  sum.inputs = {result};
  (network_.is_weight(third) ? sum.weights : sum.inputs).push_back(tensor(third));
  sum.outputs = {output(node.outputs[0])};
  add(std::move(sum));
}

// The tensor under another shape of as many elements.
TensorId Converter::reshaped(const Node& node, ValueId id, const char* what, const Shape& as) {
  const TensorId from = tensor(id);
  return shape(id) == as ? from : reshaped(node, from, what, as, id);
}

TensorId Converter::reshaped(const Node& node, TensorId from, const char* what, const Shape& as, ValueId like) {
  if (shapes_[static_cast<std::size_t>(from)] == as) return from;
  const TensorId made = between(node, what, as, like);
  add_reshape(fmt::format("{}/{}", node.name, what), node.source_type, from, made);
  return made;
}

// A constant matrix, or one for each of the batch, times a computed one is a 1x1 convolution over the columns of the
// latter: [..., depth, columns] as an image of `depth` channels.
void Converter::multiply_constant(const Node& node, ValueId matrix, const Shape& as, TensorId right, TensorId result) {
  const Shape& from = shapes_[static_cast<std::size_t>(right)];
  const std::int64_t depth = from[from.size() - 2], columns = from.back(), rows = as[as.size() - 2];
  const auto batch_of = [](const Shape& s) { return *element_count(Shape(s.begin(), s.end() - 2)); };
  const std::int64_t groups = batch_of(as), batch = batch_of(from) / groups;
  Operator op = start(node, OperatorKind::kConvolution);
  op.groups = groups;
  op.weights = {weight(matrix, {groups * rows, depth, 1, 1})};
  op.inputs = {reshaped(node, right, "columns", {batch, groups * depth, 1, columns}, node.outputs[0])};
  const Shape out{batch, groups * rows, 1, columns};
  const bool direct = shapes_[static_cast<std::size_t>(result)] == out;
  op.outputs = {direct ? result : between(node, "image", out, node.outputs[0])};
  const TensorId image = op.outputs[0];
  add(std::move(op));
  if (!direct) add_reshape(node.name + "/rows", node.source_type, image, result);
}

// A vector is a matrix of one row on the left, and of one column on the right.
void Converter::matmul(const Node& node) {
  const ValueId a = input(node, 0);
  const ValueId b = input(node, 1);
  Shape left = shape(a), right = shape(b), out = shape(node.outputs[0]);
  if (left.empty() || right.empty()) fail(network_, node, "an operand is a single number");
  if (right.size() == 1) {
    right.push_back(1);
    out.push_back(1);
  }
  if (left.size() == 1) {
    left.insert(left.begin(), 1);
    out.insert(out.end() - 1, 1);
  }
  if (out.size() < 2 || left.back() != right[right.size() - 2]) {
    fail(network_, node,
         fmt::format("operands [{}] and [{}] do not fit", fmt::join(shape(a), ", "), fmt::join(shape(b), ", ")));
  }
  const bool same = out == shape(node.outputs[0]);
  TensorId result = kNone;
  const auto make_result = [&] {
    return result = same ? output(node.outputs[0]) : between(node, "product", out, node.outputs[0]);
  };
  const auto is_matrix = [](const Shape& s) { return *element_count(Shape(s.begin(), s.end() - 2)) == 1; };
  const Shape ahead(left.begin(), left.end() - 2);
  if (network_.is_weight(b) && is_matrix(right)) {
    Operator op = start(node, OperatorKind::kFullyConnected);
    op.inputs = {reshaped(node, a, "left", left)};
    op.weights = {weight(b, {right.back(), right[right.size() - 2]})};
    if (has_input(node, 2)) op.weights.push_back(weight(node.inputs[2], {right.back()}));
    op.outputs = {make_result()};
    add(std::move(op));
  } else if (network_.is_weight(a) && !network_.is_weight(b) &&
             (is_matrix(left) || ahead == Shape(right.begin(), right.end() - 2))) {
    const TensorId computed = reshaped(node, b, "right", right);
    multiply_constant(node, a, left, computed, make_result());
  } else {
    // A stack of constant matrices streams in like an activation.
    Operator op = start(node, OperatorKind::kMatMul);
    op.inputs = {reshaped(node, a, "left", left), reshaped(node, b, "right", right)};
    op.outputs = {make_result()};
    add(std::move(op));
  }
  if (!same) add_reshape(node.name + "/reshape", node.source_type, result, output(node.outputs[0]));
}

}  // namespace lanewise::network::importing
