// SPDX-License-Identifier: Apache-2.0
#include "core/network/rewrite.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/network/rewrite_channels.hpp"
#include "core/network/rewrite_fusion.hpp"

namespace lanewise::network {
namespace {

// The graph being written: copies of tensors and operators, some of them dropped.
class Rewriter {
 public:
  Rewriter(const Graph& graph, const std::vector<std::int64_t>& channels)
      : graph_(graph),
        channels_(channels),
        tensors_(graph.tensors()),
        operators_(graph.operators()),
        tensor_dropped_(tensors_.size(), false),
        operator_dropped_(operators_.size(), false) {
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (channels_[i] > 0) tensors_[i].shape[1] = channels_[i];
    }
    for (Operator& op : operators_) resize_weights(op);
    // A weight of another size is trained as it stands.
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (tensors_[i].elements() != graph.tensors()[i].elements()) tensors_[i].trained.reset();
    }
  }

  void fuse(const FusionPlan& plan) {
    Operator& expand = operators_[static_cast<std::size_t>(plan.expand)];
    const Operator& depthwise = operators_[static_cast<std::size_t>(plan.depthwise)];
    drop(expand.outputs[0]);
    for (const OperatorId id : plan.dropped) {
      operator_dropped_[static_cast<std::size_t>(id)] = true;
      if (id == plan.depthwise) continue;
      const Operator& op = operators_[static_cast<std::size_t>(id)];
      drop(op.outputs[0]);
      for (const TensorId weight : op.weights) {
        if (graph_.consumers(weight).size() == 1) drop(weight);
      }
    }
    for (std::size_t i = 0; i < depthwise.weights.size(); ++i) {
      // A bias stays where the expansion has none.
      if (i == 1 && expand.weights.size() == 1) {
        expand.weights.push_back(depthwise.weights[i]);
      } else {
        drop(depthwise.weights[i]);
      }
    }
    auto& weight = tensors_[static_cast<std::size_t>(expand.weights[0])].shape;
    weight[2] = plan.window.kernel[0];
    weight[3] = plan.window.kernel[1];
    expand.window = plan.window;
    expand.outputs = depthwise.outputs;
  }

  Graph build() && {
    GraphBuilder builder(graph_.name());
    std::vector<TensorId> ids(tensors_.size(), kNone);
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (!tensor_dropped_[i]) ids[i] = builder.add_tensor(std::move(tensors_[i]));
    }
    for (std::size_t i = 0; i < operators_.size(); ++i) {
      if (operator_dropped_[i]) continue;
      Operator& op = operators_[i];
      for (auto* list : {&op.inputs, &op.weights, &op.outputs}) {
        for (TensorId& id : *list) id = ids[static_cast<std::size_t>(id)];
      }
      builder.add_operator(std::move(op));
    }
    for (const TensorId id : graph_.inputs()) builder.mark_input(ids[static_cast<std::size_t>(id)]);
    for (const TensorId id : graph_.outputs()) builder.mark_output(ids[static_cast<std::size_t>(id)]);
    return std::move(builder).build();
  }

 private:
  void drop(TensorId id) { tensor_dropped_[static_cast<std::size_t>(id)] = true; }

  std::int64_t before(TensorId id) const { return channels_of(graph_, id); }
  std::int64_t after(TensorId id) const { return channels_[static_cast<std::size_t>(id)]; }
  std::vector<std::int64_t>& shape(TensorId id) { return tensors_[static_cast<std::size_t>(id)].shape; }

  void resize_weights(Operator& op) {
    if (op.inputs.empty() || op.outputs.empty() || op.weights.empty()) return;
    const TensorId in = op.inputs[0];
    const TensorId out = op.outputs[0];
    if (before(in) == after(in) && before(out) == after(out)) return;
    switch (op.kind) {
      case OperatorKind::kConvolution:
        return resize_convolution(op);
      case OperatorKind::kFullyConnected:
        return resize_fully_connected(op);
      case OperatorKind::kBatchNormalization:
        for (const TensorId weight : op.weights) {
          if (shape(weight).size() == 1) shape(weight)[0] = after(out);
        }
        return;
      case OperatorKind::kElementwise:
      case OperatorKind::kActivation:
      case OperatorKind::kLayerNormalization:
        return resize_operands(op);
      default:
        return;  // constants of other operators do not follow channels
    }
  }

  void resize_convolution(Operator& op) {
    if (is_depthwise(graph_, op)) op.groups = after(op.inputs[0]);
    auto& weight = shape(op.weights[0]);
    const std::int64_t read = after(op.inputs[0]);
    const std::int64_t made = after(op.outputs[0]);
    weight[0] = op.transposed ? read : made;
    weight[1] = (op.transposed ? made : read) / op.groups;
    resize_bias(op);
  }

  // The matrix lies [out, in] or, as in MatMul, [in, out]; where both fit, the operator's type in the file decides.
  void resize_fully_connected(Operator& op) {
    auto& weight = shape(op.weights[0]);
    const std::int64_t read = before(op.inputs[0]);
    const std::int64_t made = before(op.outputs[0]);
    const bool out_first = weight[0] == made && weight[1] == read && !(made == read && op.source_type == "MatMul");
    weight[out_first ? 0 : 1] = after(op.outputs[0]);
    weight[out_first ? 1 : 0] = after(op.inputs[0]);
    resize_bias(op);
  }

  void resize_bias(const Operator& op) {
    for (std::size_t i = 1; i < op.weights.size(); ++i) {
      auto& bias = shape(op.weights[i]);
      if (!bias.empty() && bias.back() == before(op.outputs[0])) bias.back() = after(op.outputs[0]);
    }
  }

  // Constants broadcast against the output: axes are aligned at the last one.
  void resize_operands(const Operator& op) {
    const std::size_t rank = graph_.tensor(op.outputs[0]).shape.size();
    const std::int64_t made = before(op.outputs[0]);
    for (const TensorId weight : op.weights) {
      auto& constant = shape(weight);
      if (constant.size() > rank || constant.size() + 1 < rank) continue;
      std::int64_t& axis = constant[constant.size() + 1 - rank];
      if (axis == made && made != 1) axis = after(op.outputs[0]);
    }
  }

  const Graph& graph_;
  const std::vector<std::int64_t>& channels_;  // axis 1 of every tensor, 0 where it has none
  std::vector<Tensor> tensors_;
  std::vector<Operator> operators_;
  std::vector<bool> tensor_dropped_, operator_dropped_;
};

void check_moves(const Graph& graph, const Moves& moves, std::size_t fusions, std::size_t stages) {
  const auto refuse = [&](const std::string& what) {
    throw Error(fmt::format("network '{}': {}", graph.name(), what));
  };
  if (!moves.fuse.empty() && moves.fuse.size() != fusions) {
    refuse(fmt::format("moves fuse {} blocks, it has {} that may be fused", moves.fuse.size(), fusions));
  }
  if (!moves.depth_multiplier.empty() && moves.depth_multiplier.size() != stages) {
    refuse(fmt::format("moves give {} depth multipliers, it has {} stages", moves.depth_multiplier.size(), stages));
  }
  for (const double multiplier : moves.depth_multiplier) {
    if (!std::isfinite(multiplier) || multiplier <= 0) {
      refuse(fmt::format("depth multiplier {} must be a number above 0", multiplier));
    }
  }
  if (moves.channel_multiple < 1) refuse(fmt::format("channel multiple {} must be at least 1", moves.channel_multiple));
}

}  // namespace

MoveSites find_move_sites(const Graph& graph) {
  const ChannelGroups groups(graph);
  MoveSites sites;
  for (const FusionPlan& plan : find_fusions(graph)) sites.fusions.push_back({graph.blocks()[plan.block].name});
  sites.stages = groups.stages();
  sites.frozen = groups.frozen();
  return sites;
}

Graph apply(const Graph& graph, const Moves& moves) {
  const ChannelGroups groups(graph);
  const std::vector<FusionPlan> fusions = find_fusions(graph);
  check_moves(graph, moves, fusions.size(), groups.stages().size());
  const std::vector<double> multipliers =
      moves.depth_multiplier.empty() ? std::vector<double>(groups.stages().size(), 1.0) : moves.depth_multiplier;
  const std::vector<std::int64_t> channels = groups.scaled_channels(multipliers, moves.channel_multiple);
  Rewriter rewriter(graph, channels);
  for (std::size_t i = 0; i < moves.fuse.size(); ++i) {
    if (moves.fuse[i]) rewriter.fuse(fusions[i]);
  }
  return std::move(rewriter).build();
}

}  // namespace lanewise::network
