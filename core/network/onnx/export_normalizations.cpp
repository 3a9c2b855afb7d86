// SPDX-License-Identifier: Apache-2.0
// Normalizations and rotary embeddings.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/network/onnx/export_operators.hpp"

namespace lanewise::network::exporting {

namespace {

constexpr double kEpsilon = 1e-5;  // ONNX's own default

// The mean of squares alone, without subtracting a mean, and a scale: x / sqrt(mean(x^2) + epsilon) * scale.
void write_root_mean_square(Writer& writer, const Operator& op) {
  const std::string x = writer.read(op.inputs[0]);
  const std::string square = writer.emit(op, "Mul", {x, x});
  const std::string mean =
      writer.emit(op, "ReduceMean", {square}, {attribute("axes", op.axes), attribute("keepdims", std::int64_t{1})});
  const std::string raised = writer.emit(op, "Add", {mean, writer.real(writer.number(op, "epsilon", kEpsilon))});
  const std::string root = writer.emit(op, "Sqrt", {raised});
  const std::string divided = writer.emit(op, "Div", {x, root});
  writer.finish(op, "Mul", {divided, writer.read(op.weights[0])});
}

// One row of numbers for each group, normalized, back in shape; then a scale and a shift for each channel. How many
// groups there are only the file says, and no cost depends on it.
void write_group_normalization(Writer& writer, const Operator& op) {
  const Shape& shape = writer.shape(op.inputs[0]);
  const auto groups = static_cast<std::int64_t>(writer.number(op, "num_groups", 1));
  std::int64_t rest = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) rest *= shape[i];
  Shape channels(shape.size() - 1, 1);
  channels[0] = shape[1];
  const std::string rows =
      writer.emit(op, "Reshape", {writer.read(op.inputs[0]), writer.whole({shape[0], groups, rest})});
  const std::string row =
      writer.emit(op, "InstanceNormalization", {rows, writer.reals(groups, 1), writer.reals(groups, 0)},
                  {attribute("epsilon", writer.number(op, "epsilon", kEpsilon))});
  const std::string back = writer.emit(op, "Reshape", {row, writer.whole(shape)});
  const std::string scale = writer.read_as(op.weights[0], channels);
  if (op.weights.size() == 1) {
    writer.finish(op, "Mul", {back, scale});
    return;
  }
  const std::string scaled = writer.emit(op, "Mul", {back, scale});
  writer.finish(op, "Add", {scaled, writer.read_as(op.weights[1], channels)});
}

bool are_trailing(const std::vector<std::int64_t>& axes, std::size_t rank) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] != static_cast<std::int64_t>(rank - axes.size() + i)) return false;
  }
  return !axes.empty() && axes.size() <= rank;
}

}  // namespace

void write_batch_normalization(Writer& writer, const Operator& op) {
  Names inputs{writer.read(op.inputs[0])};
  for (const TensorId weight : op.weights) inputs.push_back(writer.read(weight));
  if (op.weights.size() != 4) writer.fail(op, "it does not have scale, shift, mean and variance");
  onnx::NodeProto& node = writer.finish(op, "BatchNormalization", inputs, {attribute("epsilon", kEpsilon)});
  Writer::keep_attributes(writer.original(op, {"BatchNormalization"}), {"epsilon", "momentum"}, node);
}

void write_layer_normalization(Writer& writer, const Operator& op) {
  const Shape& shape = writer.shape(op.inputs[0]);
  const bool trailing = are_trailing(op.axes, shape.size());
  if (op.weights.empty()) {
    writer.finish(op, "MeanVarianceNormalization", {writer.read(op.inputs[0])}, {attribute("axes", op.axes)});
    return;
  }
  const Shape& parameter = writer.shape(op.weights[0]);
  const Shape normalized(shape.begin() + (trailing ? op.axes.front() : 0), shape.end());
  const bool by_channel = shape.size() >= 3 && parameter == Shape{shape[1]};
  Names inputs{writer.read(op.inputs[0])};
  if (trailing && parameter == normalized) {
    const bool usual = op.weights.size() > 1 || op.source_type == "LayerNormalization";
    const bool is_layer = writer.number(op, "centred", usual ? 1 : 0) != 0;
    if (!is_layer && op.axes.size() == 1) return write_root_mean_square(writer, op);
    for (const TensorId weight : op.weights) inputs.push_back(writer.read(weight));
    onnx::NodeProto& node = writer.finish(
        op, "LayerNormalization", inputs,
        {attribute("axis", op.axes.front()), attribute("epsilon", writer.number(op, "epsilon", kEpsilon))});
    Writer::keep_attributes(writer.original(op, {"LayerNormalization"}), {"epsilon"}, node);
  } else if (trailing && op.axes.front() == 2 && by_channel && op.weights.size() == 2) {
    for (const TensorId weight : op.weights) inputs.push_back(writer.read(weight));
    onnx::NodeProto& node = writer.finish(op, "InstanceNormalization", inputs, {attribute("epsilon", kEpsilon)});
    Writer::keep_attributes(writer.original(op, {"InstanceNormalization"}), {"epsilon"}, node);
  } else if (trailing && op.axes.front() == 1 && by_channel && op.weights.size() <= 2) {
    write_group_normalization(writer, op);
  } else {
    writer.fail(op, "its parameters lie along no axes that an operator of ONNX scales");
  }
}

// Pairs of numbers along the last axis, turned by an angle: the two halves of the axis.
void write_rotary_embedding(Writer& writer, const Operator& op) {
  std::vector<TensorId> all = op.inputs;
  all.insert(all.end(), op.weights.begin(), op.weights.end());
  const Shape& shape = writer.shape(all[0]);
  const Shape& angles = writer.shape(all[1]);
  if (shape != writer.shape(op.outputs[0]) || shape.empty() || angles.empty() || shape.back() % 2 != 0) {
    writer.fail(op, "a product of three operands that is no rotary embedding");
  }
  const std::int64_t width = shape.back();
  const std::int64_t axis = static_cast<std::int64_t>(shape.size()) - 1;
  const std::string x = writer.read(all[0]), cosine = writer.read(all[1]), sine = writer.read(all[2]);
  const auto part = [&](const std::string& of, std::int64_t begin, std::int64_t end) {
    return writer.emit(op, "Slice",
                       {of, writer.whole({begin}), writer.whole({end}), writer.whole({axis}), writer.whole({1})});
  };
  const auto joined = attribute("axis", axis);
  if (angles.back() == width || angles.back() == 1) {
    const std::string first = part(x, 0, width / 2), second = part(x, width / 2, width);
    const std::string turned = writer.emit(op, "Concat", {writer.emit(op, "Neg", {second}), first}, {joined});
    const std::string straight = writer.emit(op, "Mul", {x, cosine});
    const std::string across = writer.emit(op, "Mul", {turned, sine});
    writer.finish(op, "Add", {straight, across});
  } else if (2 * angles.back() == width) {
    const std::string first = part(x, 0, width / 2), second = part(x, width / 2, width);
    const std::string left =
        writer.emit(op, "Sub", {writer.emit(op, "Mul", {first, cosine}), writer.emit(op, "Mul", {second, sine})});
    const std::string right =
        writer.emit(op, "Add", {writer.emit(op, "Mul", {second, cosine}), writer.emit(op, "Mul", {first, sine})});
    writer.finish(op, "Concat", {left, right}, {joined});
  } else if (angles.back() < width && angles.back() % 2 == 0) {
    const std::int64_t some = angles.back();
    const std::string start = part(x, 0, some), rest = part(x, some, width);
    const std::string first = part(start, 0, some / 2), second = part(start, some / 2, some);
    const std::string turned = writer.emit(op, "Concat", {writer.emit(op, "Neg", {second}), first}, {joined});
    const std::string sum =
        writer.emit(op, "Add", {writer.emit(op, "Mul", {start, cosine}), writer.emit(op, "Mul", {turned, sine})});
    writer.finish(op, "Concat", {sum, rest}, {joined});
  } else {
    writer.fail(op, "a product of three operands that is no rotary embedding");
  }
}

}  // namespace lanewise::network::exporting
