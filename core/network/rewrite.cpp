// SPDX-License-Identifier: Apache-2.0
#include "core/network/rewrite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/error.hpp"
#include "core/network/compression.hpp"
#include "core/network/rewrite_channels.hpp"
#include "core/network/rewrite_fusion.hpp"
#include "core/network/rewrite_resolution.hpp"
#include "core/network/rewrite_sites.hpp"

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
  }

  void drop_repeat(const Repeat& repeat) {
    for (const OperatorId id : repeat.operators) {
      operator_dropped_[static_cast<std::size_t>(id)] = true;
      for (const TensorId output : graph_.op(id).outputs) drop(output);
      for (const TensorId weight : graph_.op(id).weights) {
        const auto& readers = graph_.consumers(weight);
        if (std::all_of(readers.begin(), readers.end(), [&](OperatorId reader) { return is_dropped(reader); })) {
          drop(weight);
        }
      }
    }
    replaced_[repeat.output] = repeat.input;
  }

  void change_kernel(OperatorId id, std::int64_t edge) {
    Operator& op = operators_[static_cast<std::size_t>(id)];
    set_kernel(op.window, edge);
    shape(op.weights[0])[2] = op.window.kernel[0];
    shape(op.weights[0])[3] = op.window.kernel[1];
  }

  void change_groups(OperatorId id, std::int64_t wanted) {
    Operator& op = operators_[static_cast<std::size_t>(id)];
    const std::int64_t channels = after(op.outputs[0]);
    const std::int64_t size = group_size(channels, wanted);
    op.groups = channels / size;
    shape(op.weights[0])[1] = size;
  }

  void fuse(const FusionPlan& plan) {
    if (is_dropped(plan.expand)) return;
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
    // The kernel that the depthwise convolution has by now, and the pads that are dropped.
    Window window = depthwise.window;
    const Window& original = graph_.op(plan.depthwise).window;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      window.pad_begin[axis] += plan.window.pad_begin[axis] - original.pad_begin[axis];
      window.pad_end[axis] += plan.window.pad_end[axis] - original.pad_end[axis];
    }
    weight[2] = window.kernel[0];
    weight[3] = window.kernel[1];
    expand.window = window;
    expand.outputs = depthwise.outputs;
  }

  Graph build() && {
    // A weight of another size is trained as it stands.
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (tensors_[i].elements() != graph_.tensors()[i].elements()) tensors_[i].trained.reset();
    }
    for (const Operator& op : operators_) leave_dense(op);
    GraphBuilder builder(graph_.name());
    std::vector<TensorId> ids(tensors_.size(), kNone);
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (!tensor_dropped_[i]) ids[i] = builder.add_tensor(std::move(tensors_[i]));
    }
    for (std::size_t i = 0; i < operators_.size(); ++i) {
      if (operator_dropped_[i]) continue;
      Operator& op = operators_[i];
      for (auto* list : {&op.inputs, &op.weights, &op.outputs}) {
        for (TensorId& id : *list) id = ids[static_cast<std::size_t>(now(id))];
      }
      builder.add_operator(std::move(op));
    }
    for (const TensorId id : graph_.inputs()) builder.mark_input(ids[static_cast<std::size_t>(id)]);
    for (const TensorId id : graph_.outputs()) builder.mark_output(ids[static_cast<std::size_t>(id)]);
    return std::move(builder).build();
  }

 private:
  // Weights whose input channels N:M does not divide any more are taken as dense: what was pruned so is trained anew.
  void leave_dense(const Operator& op) {
    if (!has_form(op)) return;
    Tensor& weight = tensors_[static_cast<std::size_t>(op.weights[0])];
    if (!weight.form.structured()) return;
    const std::int64_t inputs = op.transposed ? weight.shape[0] / op.groups : weight.shape[1];
    if (inputs % weight.form.of == 0) return;
    weight.form.kept = weight.form.of = 0;
    weight.form.density = 1;
  }
  void drop(TensorId id) { tensor_dropped_[static_cast<std::size_t>(id)] = true; }
  bool is_dropped(OperatorId id) const { return operator_dropped_[static_cast<std::size_t>(id)]; }
  TensorId now(TensorId id) const {
    for (auto next = replaced_.find(id); next != replaced_.end(); next = replaced_.find(id)) id = next->second;
    return id;
  }

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

  void resize_fully_connected(Operator& op) {
    auto& weight = shape(op.weights[0]);
    weight[0] = after(op.outputs[0]);
    weight[1] = after(op.inputs[0]);
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
  std::map<TensorId, TensorId> replaced_;  // the output of a block that is dropped by its input
};

template <class Entries, class Sites>
void require_one_each(const Graph& graph, const Entries& entries, const Sites& sites, const char* what,
                      const char* places) {
  if (entries.empty() || entries.size() == sites.size()) return;
  throw Error(fmt::format("network '{}': moves give {} {}, it has {} {}", graph.name(), entries.size(), what,
                          sites.size(), places));
}

void check_moves(const Graph& graph, const Moves& moves, const MoveSites& sites) {
  const auto refuse = [&](const std::string& what) {
    throw Error(fmt::format("network '{}': {}", graph.name(), what));
  };
  if (!moves.fuse.empty() && moves.fuse.size() != sites.fusions.size()) {
    refuse(fmt::format("moves fuse {} blocks, it has {} that may be fused", moves.fuse.size(), sites.fusions.size()));
  }
  require_one_each(graph, moves.depth_multiplier, sites.stages, "depth multipliers", "stages");
  require_one_each(graph, moves.kernel, sites.kernels, "kernels", "convolutions whose kernel may change");
  require_one_each(graph, moves.group_channels, sites.groups, "group sizes", "depthwise convolutions that may change");
  require_one_each(graph, moves.drop, sites.runs, "numbers of dropped blocks", "runs of repeats");
  for (const double multiplier : moves.depth_multiplier) {
    if (!std::isfinite(multiplier) || multiplier <= 0) {
      refuse(fmt::format("depth multiplier {} must be a number above 0", multiplier));
    }
  }
  if (moves.channel_multiple < 1) refuse(fmt::format("channel multiple {} must be at least 1", moves.channel_multiple));
  constexpr std::int64_t kLargestKernel = 31;
  for (const std::int64_t edge : moves.kernel) {
    if (edge != 0 && (edge < 3 || edge > kLargestKernel || edge % 2 == 0)) {
      refuse(fmt::format("kernel {} must be odd, from 3 to {}", edge, kLargestKernel));
    }
  }
  for (const std::int64_t channels : moves.group_channels) {
    if (channels < 0) refuse(fmt::format("a group of {} channels: must be at least 1", channels));
  }
  for (std::size_t i = 0; i < moves.drop.size(); ++i) {
    const auto most = static_cast<int>(sites.runs[i].repeats.size());
    if (moves.drop[i] < 0 || moves.drop[i] > most) {
      refuse(fmt::format("{} blocks dropped from '{}': must be from 0 to {}", moves.drop[i], sites.runs[i].name, most));
    }
  }
  if (!(moves.output_share > 0 && moves.output_share <= 1)) {
    refuse(fmt::format("output share {} must be above 0 and at most 1", moves.output_share));
  }
}

// Everything but resolutions.
MoveSites find_places(const Graph& graph, const ChannelGroups& groups, const std::vector<FusionPlan>& fusions) {
  MoveSites sites;
  for (const FusionPlan& plan : fusions) sites.fusions.push_back({graph.blocks()[plan.block].name, plan.depthwise});
  sites.stages = groups.stages();
  find_kernel_sites(graph, sites);
  find_group_sites(graph, sites);
  find_repeats(graph, sites);
  return sites;
}

}  // namespace

MoveSites find_move_sites(const Graph& graph) {
  const ChannelGroups groups(graph);
  const std::vector<FusionPlan> fusions = find_fusions(graph);
  MoveSites sites = find_places(graph, groups, fusions);
  sites.frozen = groups.frozen();
  for (const Block& block : graph.blocks()) {
    if (block.kind != BlockKind::kInvertedBottleneck) continue;
    const bool found = std::any_of(fusions.begin(), fusions.end(),
                                   [&](const FusionPlan& plan) { return &graph.blocks()[plan.block] == &block; });
    if (!found) {
      sites.left_out.push_back({"fuse", block.name,
                                "its expanded tensor is read elsewhere, its weights are shared, or something other "
                                "than activations, normalizations and padding stands before its depthwise layer"});
    }
  }
  const MapSize image = image_size(graph), output = output_map(graph);
  sites.input_height = image.height;
  sites.input_width = image.width;
  sites.output_height = output.height;
  sites.output_width = output.width;
  if (image.height == 0)
    sites.left_out.push_back({"input_resolution", "", "no graph input is an image over which a window slides"});
  if (output.height == 0) {
    sites.left_out.push_back({"output_resolution", "", "no output is a map that a final interpolation makes"});
  }
  return sites;
}

Graph apply(const Graph& graph, const Moves& moves) {
  const ChannelGroups groups(graph);
  const std::vector<FusionPlan> fusions = find_fusions(graph);
  const MoveSites sites = find_places(graph, groups, fusions);
  check_moves(graph, moves, sites);
  const std::vector<double> multipliers =
      moves.depth_multiplier.empty() ? std::vector<double>(sites.stages.size(), 1.0) : moves.depth_multiplier;
  const std::vector<std::int64_t> channels = groups.scaled_channels(multipliers, moves.channel_multiple);
  Rewriter rewriter(graph, channels);
  for (std::size_t i = 0; i < moves.drop.size(); ++i) {
    const std::vector<Repeat>& repeats = sites.runs[i].repeats;
    for (int n = 0; n < moves.drop[i]; ++n)
      rewriter.drop_repeat(repeats[repeats.size() - 1 - static_cast<std::size_t>(n)]);
  }
  for (std::size_t i = 0; i < moves.kernel.size(); ++i) {
    if (moves.kernel[i] != 0) rewriter.change_kernel(sites.kernels[i].op, moves.kernel[i]);
  }
  for (std::size_t i = 0; i < moves.group_channels.size(); ++i) {
    if (moves.group_channels[i] != 1) rewriter.change_groups(sites.groups[i].op, moves.group_channels[i]);
  }
  for (std::size_t i = 0; i < moves.fuse.size(); ++i) {
    if (moves.fuse[i]) rewriter.fuse(fusions[i]);
  }
  Graph made = std::move(rewriter).build();
  const Resolution resolution{{moves.input_height, moves.input_width}, moves.output_share};
  const bool resizes = moves.input_height != 0 || moves.input_width != 0 || moves.output_share != 1;
  return resizes ? at_resolution(made, resolution) : made;
}

}  // namespace lanewise::network
