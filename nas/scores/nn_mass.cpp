// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "nas/scores/network_score.hpp"

namespace lanewise::nas {
namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorId;
using network::OperatorKind;
using network::TensorId;

std::int64_t channels(const Graph& graph, TensorId id) {
  const auto& shape = graph.tensor(id).shape;
  return shape.size() < 2 ? 0 : shape[1];
}

bool is_pointwise(const Operator& op) {
  return op.kind == OperatorKind::kConvolution && op.groups == 1 && !op.transposed && op.window.kernel[0] == 1 &&
         op.window.kernel[1] == 1;
}

bool is_depthwise(const Graph& graph, const Operator& op) {
  return op.kind == OperatorKind::kConvolution && !op.transposed && op.groups == channels(graph, op.inputs[0]) &&
         op.groups == channels(graph, op.outputs[0]) && op.groups > 1;
}

// The convolution that writes the tensor, behind normalizations, activations, padding, and the gate of a
// squeeze-excite, which is the smaller operand of its multiplication; kNone where there is something else.
OperatorId convolution_before(const Graph& graph, TensorId at) {
  while (true) {
    const OperatorId id = graph.producer(at);
    if (id == kNone) return kNone;
    const Operator& op = graph.op(id);
    switch (op.kind) {
      case OperatorKind::kConvolution:
        return id;
      case OperatorKind::kBatchNormalization:
      case OperatorKind::kActivation:
      case OperatorKind::kPad:
        at = op.inputs[0];
        break;
      case OperatorKind::kElementwise: {
        if (op.elementwise != network::ElementwiseFunction::kMultiply || op.inputs.size() != 2) return kNone;
        const std::int64_t first = graph.tensor(op.inputs[0]).elements();
        const std::int64_t second = graph.tensor(op.inputs[1]).elements();
        if (first == second) return kNone;
        at = op.inputs[first > second ? 0 : 1];
        break;
      }
      default:
        return kNone;
    }
  }
}

// The channels inside an inverted bottleneck that leads from one tensor to the other.
std::optional<std::int64_t> bottleneck_between(const Graph& graph, TensorId from, TensorId to) {
  const OperatorId project = convolution_before(graph, to);
  if (project == kNone || !is_pointwise(graph.op(project))) return std::nullopt;
  const OperatorId depthwise = convolution_before(graph, graph.op(project).inputs[0]);
  if (depthwise == kNone || !is_depthwise(graph, graph.op(depthwise))) return std::nullopt;
  const TensorId inside = graph.op(depthwise).inputs[0];
  const std::int64_t hidden = channels(graph, inside);
  if (inside == from) return hidden;
  const OperatorId expand = convolution_before(graph, inside);
  if (expand == kNone || !is_pointwise(graph.op(expand)) || graph.op(expand).inputs[0] != from) return std::nullopt;
  return hidden;
}

}  // namespace

double nn_mass(const Graph& graph) {
  double mass = 0;
  for (const Operator& op : graph.operators()) {
    if (op.kind != OperatorKind::kElementwise || op.elementwise != network::ElementwiseFunction::kAdd ||
        op.inputs.size() != 2 || graph.tensor(op.inputs[0]).shape != graph.tensor(op.inputs[1]).shape) {
      continue;
    }
    auto hidden = bottleneck_between(graph, op.inputs[0], op.inputs[1]);
    if (!hidden) hidden = bottleneck_between(graph, op.inputs[1], op.inputs[0]);
    if (!hidden) continue;
    const auto c = static_cast<double>(channels(graph, op.outputs[0])), h = static_cast<double>(*hidden);
    mass += (c + 2 * h) * c / (2 * c + h);
  }
  return mass;
}

}  // namespace lanewise::nas
