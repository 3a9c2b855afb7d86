// SPDX-License-Identifier: Apache-2.0
// Small networks drawn by hand, and what tests of rewriting ask of their results.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/network/rewrite.hpp"
#include "tests/core/network/graph_consistency.hpp"

namespace lanewise::network::testing {

using Shape = std::vector<std::int64_t>;

// Writes networks the way a person lists layers; names follow the layers.
class Draft {
 public:
  TensorId input(const Shape& shape) {
    const TensorId id = add("input" + std::to_string(inputs_++), shape, TensorRole::kGraphInput);
    builder_.mark_input(id);
    return id;
  }

  TensorId convolution(const std::string& name, TensorId from, std::int64_t channels, std::int64_t kernel = 1,
                       std::int64_t stride = 1, std::int64_t groups = 1, bool bias = true) {
    Operator op = start(name, OperatorKind::kConvolution, "Conv", {from});
    op.groups = groups;
    Shape shape = shape_of(from);
    for (int axis : {0, 1}) {
      op.window.kernel[axis] = kernel;
      op.window.stride[axis] = stride;
      op.window.pad_begin[axis] = op.window.pad_end[axis] = kernel / 2;
      std::int64_t& size = shape[static_cast<std::size_t>(axis) + 2];
      size = (size + 2 * (kernel / 2) - kernel) / stride + 1;
    }
    op.weights = {weight(name + ".weight", {channels, shape[1] / groups, kernel, kernel})};
    if (bias) op.weights.push_back(weight(name + ".bias", {channels}));
    shape[1] = channels;
    return finish(std::move(op), {shape});
  }
  TensorId depthwise(const std::string& name, TensorId from, std::int64_t kernel = 3, std::int64_t stride = 1,
                     bool bias = true) {
    const std::int64_t channels = shape_of(from)[1];
    return convolution(name, from, channels, kernel, stride, channels, bias);
  }
  TensorId fully_connected(const std::string& name, TensorId from, std::int64_t channels) {
    Operator op = start(name, OperatorKind::kFullyConnected, "Gemm", {from});
    op.weights = {weight(name + ".weight", {channels, shape_of(from)[1]}), weight(name + ".bias", {channels})};
    return finish(std::move(op), {{shape_of(from)[0], channels}});
  }
  TensorId activation(const std::string& name, TensorId from, ActivationFunction function = ActivationFunction::kRelu) {
    Operator op = start(name, OperatorKind::kActivation, "Relu", {from});
    op.activation = function;
    return finish(std::move(op), {shape_of(from)});
  }
  TensorId combine(const std::string& name, TensorId a, TensorId b,
                   ElementwiseFunction function = ElementwiseFunction::kAdd) {
    Operator op = start(name, OperatorKind::kElementwise, "Add", {a, b});
    op.elementwise = function;
    Shape shape = shape_of(a);
    for (std::size_t i = 0; i < shape.size(); ++i) shape[i] = std::max(shape[i], shape_of(b)[i]);
    return finish(std::move(op), {shape});
  }
  TensorId global_pool(const std::string& name, TensorId from) {
    const Shape shape = shape_of(from);
    return finish(start(name, OperatorKind::kGlobalAveragePool, "GlobalAveragePool", {from}),
                  {{shape[0], shape[1], 1, 1}});
  }
  TensorId reshape(const std::string& name, TensorId from, const Shape& shape) {
    return finish(start(name, OperatorKind::kReshape, "Reshape", {from}), {shape});
  }
  TensorId concat(const std::string& name, const std::vector<TensorId>& parts) {
    Operator op = start(name, OperatorKind::kConcat, "Concat", parts);
    op.axes = {1};
    Shape shape = shape_of(parts[0]);
    for (std::size_t i = 1; i < parts.size(); ++i) shape[1] += shape_of(parts[i])[1];
    return finish(std::move(op), {shape});
  }
  // A free form for everything else.
  Operator start(const std::string& name, OperatorKind kind, const std::string& type, std::vector<TensorId> from) {
    Operator op;
    op.name = name;
    op.kind = kind;
    op.source_type = type;
    op.inputs = std::move(from);
    return op;
  }
  TensorId finish(Operator op, const std::vector<Shape>& shapes) {
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      op.outputs.push_back(
          add(op.name + (i == 0 ? ".out" : ".out" + std::to_string(i)), shapes[i], TensorRole::kActivation));
    }
    const TensorId first = op.outputs[0];
    builder_.add_operator(std::move(op));
    return first;
  }
  TensorId weight(const std::string& name, const Shape& shape) { return add(name, shape, TensorRole::kWeight); }
  Shape shape_of(TensorId id) { return builder_.tensor(id).shape; }
  Graph done(TensorId output) {
    builder_.mark_output(output);
    return std::move(builder_).build();
  }

 private:
  TensorId add(const std::string& name, const Shape& shape, TensorRole role) {
    return builder_.add_tensor({name, shape, Precision::kInt8, role});
  }
  GraphBuilder builder_{"draft"};
  int inputs_ = 0;
};

inline const Operator& named(const Graph& graph, const std::string& name) {
  for (const Operator& op : graph.operators()) {
    if (op.name == name) return op;
  }
  throw Error("no operator " + name);
}
inline bool has(const Graph& graph, const std::string& name) {
  for (const Operator& op : graph.operators()) {
    if (op.name == name) return true;
  }
  return false;
}
inline Shape out_shape(const Graph& graph, const std::string& name) {
  return graph.tensor(named(graph, name).outputs[0]).shape;
}
inline Shape weight_shape(const Graph& graph, const std::string& name, std::size_t i = 0) {
  return graph.tensor(named(graph, name).weights.at(i)).shape;
}
inline std::string reason(const Graph& graph, const std::string& name) {
  for (const std::string& line : find_move_sites(graph).frozen) {
    if (line.rfind(name + ": ", 0) == 0) return line.substr(name.size() + 2);
  }
  return "";
}
inline Graph scaled(const Graph& graph, double multiplier, std::int64_t multiple = 1) {
  Moves moves;
  moves.depth_multiplier.assign(find_move_sites(graph).stages.size(), multiplier);
  moves.channel_multiple = multiple;
  return apply(graph, moves);
}
inline void expect_consistent(const Graph& graph) {
  EXPECT_EQ(ConsistencyCheck::faults(graph), std::vector<std::string>{});
}

inline Graph chain() {
  Draft draft;
  TensorId x = draft.convolution("stem", draft.input({1, 3, 32, 32}), 16, 3, 2);
  x = draft.activation("relu", x);
  x = draft.convolution("middle", x, 24, 3, 2);
  x = draft.convolution("last", x, 40);
  x = draft.reshape("flatten", draft.global_pool("pool", x), {1, 40});
  return draft.done(draft.fully_connected("classifier", x, 10));
}

// MobileNetV2's block with t = 6, c = 16, c' = 16 and a residual, behind a stem.
inline Graph bottleneck(std::int64_t kernel = 3, std::int64_t stride = 1, bool expand_bias = true,
                        bool depthwise_bias = true) {
  Draft draft;
  const TensorId stem = draft.convolution("stem", draft.input({1, 3, 32, 32}), 16, 3, 2);
  TensorId x = draft.convolution("expand", stem, 96, 1, 1, 1, expand_bias);
  x = draft.activation("relu_a", x);
  x = draft.depthwise("depthwise", x, kernel, stride, depthwise_bias);
  x = draft.activation("relu_b", x, ActivationFunction::kHardSwish);
  x = draft.convolution("project", x, 16);
  if (stride == 1) x = draft.combine("add", stem, x);
  x = draft.convolution("head", x, 32);
  return draft.done(draft.convolution("output", x, 4));
}

}  // namespace lanewise::network::testing
