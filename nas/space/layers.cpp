// SPDX-License-Identifier: Apache-2.0
#include "nas/space/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/error.hpp"

namespace lanewise::nas {

using network::ActivationFunction;
using network::ElementwiseFunction;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using network::TensorRole;
using Shape = std::vector<std::int64_t>;

namespace {

// The operator types of ONNX files.
const char* onnx_type(ActivationFunction function) {
  switch (function) {
    case ActivationFunction::kRelu:
      return "Relu";
    case ActivationFunction::kRelu6:
      return "Clip";
    case ActivationFunction::kHardSwish:
      return "HardSwish";
    case ActivationFunction::kHardSigmoid:
      return "HardSigmoid";
    case ActivationFunction::kGelu:
      return "Gelu";
    case ActivationFunction::kTanh:
      return "Tanh";
    default:
      return "Sigmoid";  // also of SiLU, which is a product with it
  }
}

Operator start(std::string name, OperatorKind kind, const char* type, std::vector<TensorId> from) {
  Operator op;
  op.name = std::move(name);
  op.kind = kind;
  op.source_type = type;
  op.inputs = std::move(from);
  return op;
}

}  // namespace

Layers::Layers(std::string name, Precision activations, Precision weights, NormalizationRule normalization)
    : builder_(std::move(name)), activations_(activations), weights_(weights), normalization_(normalization) {}

TensorId Layers::add(std::string name, Shape shape, TensorRole role) {
  // Small enough that no count of operations overflows.
  constexpr double kMostElements = 0x1p31;
  double elements = 1;
  for (const std::int64_t size : shape) elements *= static_cast<double>(size);
  if (elements > kMostElements) {
    throw Error(fmt::format("tensor '{}': has {} elements, at most 2^31 are built", name, elements));
  }
  network::Tensor tensor;
  tensor.name = std::move(name);
  tensor.shape = std::move(shape);
  tensor.precision = role == TensorRole::kWeight ? weights_ : activations_;
  tensor.role = role;
  return builder_.add_tensor(std::move(tensor));
}

TensorId Layers::finish(Operator op, Shape shape) {
  const TensorId out = add(op.name + ".out", std::move(shape), TensorRole::kActivation);
  op.outputs = {out};
  builder_.add_operator(std::move(op));
  return out;
}

TensorId Layers::input(const std::string& name, std::int64_t batch, std::int64_t channels, const Pair& size) {
  const TensorId id = add(name, {batch, channels, size[0], size[1]}, TensorRole::kGraphInput);
  builder_.mark_input(id);
  return id;
}

TensorId Layers::bare_convolution(const std::string& name, TensorId from, std::int64_t channels,
                                  const LayerShape& shape, bool bias) {
  Shape out = this->shape(from);
  if (out[1] % shape.groups != 0 || channels % shape.groups != 0) {
    throw Error(
        fmt::format("layer '{}': {} groups do not divide {} and {} channels", name, shape.groups, out[1], channels));
  }
  Operator op = start(name, OperatorKind::kConvolution, "Conv", {from});
  op.groups = shape.groups;
  op.weights = {
      add(name + ".weight", {channels, out[1] / shape.groups, shape.kernel[0], shape.kernel[1]}, TensorRole::kWeight)};
  if (bias) op.weights.push_back(add(name + ".bias", {channels}, TensorRole::kWeight));
  out[1] = channels;
  for (const std::size_t axis : {0U, 1U}) {
    op.window.kernel[axis] = shape.kernel[axis];
    op.window.stride[axis] = shape.stride[axis];
    op.window.dilation[axis] = shape.dilation[axis];
    const std::int64_t span = (shape.kernel[axis] - 1) * shape.dilation[axis] + 1;
    // What comes later in time, along the width, must not be waited for.
    const bool causal = shape.padding == PaddingRule::kCausal && axis == 1;
    if (shape.padding != PaddingRule::kValid) {
      op.window.pad_begin[axis] = causal ? span - 1 : (span - 1) / 2;
      op.window.pad_end[axis] = causal ? 0 : span / 2;
    }
    std::int64_t& size = out[axis + 2];
    const std::int64_t room = size + op.window.pad_begin[axis] + op.window.pad_end[axis] - span;
    if (room < 0) {
      throw Error(fmt::format("layer '{}': a kernel that spans {} does not fit a map of {}", name, span, size));
    }
    size = room / shape.stride[axis] + 1;
  }
  return finish(std::move(op), std::move(out));
}

// Mean and variance are statistics, not trained.
TensorId Layers::normalization(const std::string& name, TensorId from) {
  Operator op = start(name + ".bn", OperatorKind::kBatchNormalization, "BatchNormalization", {from});
  for (const char* part : {".bn.scale", ".bn.shift", ".bn.mean", ".bn.variance"}) {
    op.weights.push_back(add(name + part, {channels(from)}, TensorRole::kWeight));
  }
  for (const std::size_t statistic : {2U, 3U}) builder_.tensor(op.weights[statistic]).trained = 0;
  return finish(std::move(op), shape(from));
}

TensorId Layers::convolution(const std::string& name, TensorId from, std::int64_t channels, const LayerShape& shape,
                             ActivationFunction activation) {
  const bool folded = normalization_ == NormalizationRule::kFolded;
  TensorId at = bare_convolution(name, from, channels, shape, folded);
  if (!folded) at = normalization(name, at);
  return activation == ActivationFunction::kNone ? at : this->activation(name + ".act", at, activation);
}

TensorId Layers::pointwise(const std::string& name, TensorId from, std::int64_t channels, bool bias) {
  return bare_convolution(name, from, channels, {}, bias);
}

TensorId Layers::activation(const std::string& name, TensorId from, ActivationFunction function) {
  Operator op = start(name, OperatorKind::kActivation, onnx_type(function), {from});
  op.activation = function;
  return finish(std::move(op), shape(from));
}

TensorId Layers::elementwise(const std::string& name, TensorId a, TensorId b, ElementwiseFunction function) {
  Operator op = start(name, OperatorKind::kElementwise, function == ElementwiseFunction::kAdd ? "Add" : "Mul", {a, b});
  op.elementwise = function;
  Shape out = shape(a);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::max(out[i], shape(b)[i]);
  return finish(std::move(op), std::move(out));
}

TensorId Layers::squeeze_excite(const std::string& name, TensorId from, std::int64_t squeezed,
                                ActivationFunction gate) {
  TensorId at = global_average(name + ".pool", from);
  at = activation(name + ".relu", pointwise(name + ".reduce", at, squeezed), ActivationFunction::kRelu);
  at = activation(name + ".gate", pointwise(name + ".expand", at, channels(from)), gate);
  return elementwise(name + ".scale", from, at, ElementwiseFunction::kMultiply);
}

TensorId Layers::global_average(const std::string& name, TensorId from) {
  Operator op = start(name, OperatorKind::kGlobalAveragePool, "GlobalAveragePool", {from});
  return finish(std::move(op), {shape(from)[0], channels(from), 1, 1});
}

TensorId Layers::fully_connected(const std::string& name, TensorId from, std::int64_t outputs) {
  Operator op = start(name, OperatorKind::kFullyConnected, "Gemm", {from});
  op.weights = {add(name + ".weight", {outputs, shape(from)[1]}, TensorRole::kWeight),
                add(name + ".bias", {outputs}, TensorRole::kWeight)};
  return finish(std::move(op), {shape(from)[0], outputs});
}

TensorId Layers::reshape(const std::string& name, TensorId from, Shape shape) {
  return finish(start(name, OperatorKind::kReshape, "Reshape", {from}), std::move(shape));
}

TensorId Layers::transpose(const std::string& name, TensorId from, std::vector<std::int64_t> permutation) {
  Operator op = start(name, OperatorKind::kTranspose, "Transpose", {from});
  Shape out;
  for (const std::int64_t axis : permutation) out.push_back(shape(from)[static_cast<std::size_t>(axis)]);
  op.axes = std::move(permutation);
  return finish(std::move(op), std::move(out));
}

TensorId Layers::concat(const std::string& name, const std::vector<TensorId>& parts, std::int64_t axis) {
  if (parts.size() == 1) return parts.front();
  Operator op = start(name, OperatorKind::kConcat, "Concat", parts);
  op.axes = {axis};
  Shape out = shape(parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    out[static_cast<std::size_t>(axis)] += shape(parts[i])[static_cast<std::size_t>(axis)];
  }
  return finish(std::move(op), std::move(out));
}

TensorId Layers::resize(const std::string& name, TensorId from, const Pair& size) {
  if (size == this->size(from)) return from;
  Shape out = shape(from);
  out[2] = size[0];
  out[3] = size[1];
  return finish(start(name, OperatorKind::kResize, "Resize", {from}), std::move(out));
}

void Layers::output(TensorId id, const char* name) {
  builder_.mark_output(id);
  if (builder_.tensor(id).role == TensorRole::kActivation) builder_.tensor(id).name = name;
}

}  // namespace lanewise::nas
