// SPDX-License-Identifier: Apache-2.0
#include "core/network/rewrite_fusion.hpp"

#include <algorithm>

#include "core/network/rewrite_channels.hpp"

namespace lanewise::network {
namespace {

// Weights are rewritten or dropped with their operator, so no other operator may read them.
bool owns_weights(const Graph& graph, const Operator& op) {
  return !op.weights.empty() && op.inputs.size() == 1 &&
         std::all_of(op.weights.begin(), op.weights.end(),
                     [&](TensorId weight) { return graph.consumers(weight).size() == 1; });
}

bool is_expand(const Graph& graph, const Operator& op) {
  return op.kind == OperatorKind::kConvolution && op.window == Window{} && op.groups == 1 && !op.transposed &&
         owns_weights(graph, op) && graph.tensor(op.weights[0]).shape.size() == 4;
}

bool is_plain_depthwise(const Graph& graph, const Operator& op) {
  return is_depthwise(graph, op) && !op.transposed && channels_of(graph, op.outputs[0]) == op.groups &&
         owns_weights(graph, op);
}

// Takes the padding of a Pad operator into the window. False where it pads batch or channels, or cuts.
bool absorb(const Graph& graph, const Operator& pad, Window& window) {
  const auto& in = graph.tensor(pad.inputs[0]).shape;
  const auto& out = graph.tensor(pad.outputs[0]).shape;
  if (in.size() != 4 || out.size() != 4 || pad.offsets.size() != 4) return false;
  for (std::size_t axis = 0; axis < 4; ++axis) {
    const std::int64_t begin = pad.offsets[axis];
    const std::int64_t end = out[axis] - in[axis] - begin;
    if (begin < 0 || end < 0 || (axis < 2 && (begin > 0 || end > 0))) return false;
    if (axis < 2) continue;
    window.pad_begin[axis - 2] += begin;
    window.pad_end[axis - 2] += end;
  }
  return true;
}

bool plan(const Graph& graph, const Block& block, FusionPlan& plan) {
  if (block.kind != BlockKind::kInvertedBottleneck || block.expand == kNone || block.depthwise == kNone) return false;
  const Operator& depthwise = graph.op(block.depthwise);
  if (!is_expand(graph, graph.op(block.expand)) || !is_plain_depthwise(graph, depthwise)) return false;
  plan.expand = block.expand;
  plan.depthwise = block.depthwise;
  plan.window = depthwise.window;
  OperatorId at = block.expand;
  while (true) {
    const TensorId output = graph.op(at).outputs[0];
    if (graph.is_output(output) || graph.consumers(output).size() != 1) return false;
    at = graph.consumers(output)[0];
    const Operator& op = graph.op(at);
    plan.dropped.push_back(at);
    if (at == block.depthwise) return true;
    if (op.inputs.size() != 1 || op.outputs.size() != 1) return false;
    if (op.kind == OperatorKind::kPad) {
      if (!absorb(graph, op, plan.window)) return false;
    } else if (op.kind != OperatorKind::kActivation && op.kind != OperatorKind::kBatchNormalization) {
      return false;
    }
  }
}

}  // namespace

std::vector<FusionPlan> find_fusions(const Graph& graph) {
  std::vector<FusionPlan> plans;
  for (std::size_t i = 0; i < graph.blocks().size(); ++i) {
    FusionPlan candidate;
    candidate.block = i;
    if (plan(graph, graph.blocks()[i], candidate)) plans.push_back(std::move(candidate));
  }
  std::stable_sort(plans.begin(), plans.end(),
                   [](const FusionPlan& a, const FusionPlan& b) { return a.expand < b.expand; });
  return plans;
}

}  // namespace lanewise::network
