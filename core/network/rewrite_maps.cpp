// SPDX-License-Identifier: Apache-2.0
#include "core/network/rewrite_maps.hpp"

#include "core/network/rewrite_resolution.hpp"

namespace lanewise::network {
namespace {

using Shape = std::vector<std::int64_t>;

// What changes numbers of a map, but not its size.
bool passes_on(const Operator& op) {
  return op.kind == OperatorKind::kActivation || op.kind == OperatorKind::kSoftmax ||
         (op.kind == OperatorKind::kReduce && op.axes == Shape{1});
}

}  // namespace

bool is_map(const Shape& shape) { return shape.size() == 4 && shape[2] * shape[3] > 1; }

bool is_interpolation(const Operator& op) { return op.kind == OperatorKind::kResize && op.axes.empty(); }

bool reaches_window(const Graph& graph, TensorId from) {
  std::vector<bool> met(graph.tensors().size(), false);
  std::vector<TensorId> waiting{from};
  while (!waiting.empty()) {
    const TensorId at = waiting.back();
    waiting.pop_back();
    for (const OperatorId reader : graph.consumers(at)) {
      const Operator& op = graph.op(reader);
      if (op.kind == OperatorKind::kConvolution || op.kind == OperatorKind::kMaxPool ||
          op.kind == OperatorKind::kAveragePool) {
        return true;
      }
      for (const TensorId output : op.outputs) {
        if (!met[static_cast<std::size_t>(output)]) waiting.push_back(output);
        met[static_cast<std::size_t>(output)] = true;
      }
    }
  }
  return false;
}

std::set<OperatorId> final_interpolations(const Graph& graph) {
  std::set<OperatorId> found;
  for (const TensorId output : graph.outputs()) {
    TensorId at = output;
    for (OperatorId maker = graph.producer(at); maker != kNone; maker = graph.producer(at)) {
      const Operator& op = graph.op(maker);
      if (at != output && (graph.consumers(at).size() != 1 || graph.is_output(at))) break;
      if (is_interpolation(op) && is_map(graph.tensor(op.outputs[0]).shape)) found.insert(maker);
      if (!passes_on(op) || op.inputs.size() != 1) break;
      at = op.inputs[0];
    }
  }
  return found;
}

MapSize image_size(const Graph& graph) {
  for (const TensorId id : graph.inputs()) {
    const Shape& shape = graph.tensor(id).shape;
    if (is_map(shape) && reaches_window(graph, id)) return {shape[2], shape[3]};
  }
  return {};
}

MapSize output_map(const Graph& graph) {
  for (const OperatorId id : final_interpolations(graph)) {
    const Shape& shape = graph.tensor(graph.op(id).outputs[0]).shape;
    return {shape[2], shape[3]};
  }
  return {};
}

}  // namespace lanewise::network
