// SPDX-License-Identifier: Apache-2.0
// How each kind of operator relates the channels that it writes to those that it reads.
#include <algorithm>
#include <functional>
#include <numeric>

#include "core/base/error.hpp"
#include "core/network/operator_traits.hpp"
#include "core/network/rewrite_channels.hpp"

namespace lanewise::network {
namespace {

std::int64_t product(const std::vector<std::int64_t>& shape, std::size_t from) {
  return std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(std::min(from, shape.size())), shape.end(),
                         std::int64_t{1}, std::multiplies<>());
}

bool contains(const std::vector<std::int64_t>& axes, std::int64_t axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

}  // namespace

void ChannelGroups::follow(OperatorId id) {
  const Operator& op = graph_.op(id);
  if (op.inputs.empty() || op.outputs.empty()) return freeze_all(op, "is given by");
  const OperatorTraits& traits = traits_of(op.kind);
  switch (traits.channels) {
    case ChannelRule::kConvolution:
      return follow_convolution(id);
    case ChannelRule::kFullyConnected:
      return follow_fully_connected(id);
    case ChannelRule::kSame:
      return follow_same_channels(op);
    case ChannelRule::kReduce:
      return follow_reduce(op);
    case ChannelRule::kElementwise:
      return follow_elementwise(op);
    case ChannelRule::kConcat:
      return follow_concat(op);
    case ChannelRule::kSplit:
      return follow_split(op);
    case ChannelRule::kGather:
      return follow_gather(op);
    case ChannelRule::kTranspose:
      return follow_transpose(op);
    case ChannelRule::kReshape:
      return follow_reshape(op);
    case ChannelRule::kFrozen:
      return freeze_all(op, traits.frozen_because);
  }
  throw InternalError("a channel rule is not followed");
}

void ChannelGroups::follow_convolution(OperatorId id) {
  const Operator& op = graph_.op(id);
  const TensorId output = op.outputs[0];
  Range& made = ranges_[static_cast<std::size_t>(output)];
  const Range read = range(op.inputs[0]);
  if (op.inputs.size() > 1 || op.weights.empty()) {
    freeze_all(op, "takes its weights from an activation in");
  } else if (is_depthwise(graph_, op)) {
    const std::int64_t filters = channels_of(graph_, output) / op.groups;  // a channel
    if (filters == 1) {
      made = read;
    } else {
      made = {segments_.size(), read.count};
      for (std::size_t i = 0; i < read.count; ++i) {
        const Segment segment = segments_[read.begin + i];
        segments_.push_back({segment.group, segment.repeat * filters});
      }
    }
  } else if (op.groups == 1) {
    made = add_range({add_group(channels_of(graph_, output)), 1});
  } else {
    freeze_all(op, "meets the grouped convolution");
  }
  own(made, id);
}

void ChannelGroups::follow_fully_connected(OperatorId id) {
  const Operator& op = graph_.op(id);
  const TensorId output = op.outputs[0];
  const bool plain = op.inputs.size() == 1 && !op.weights.empty() && graph_.tensor(op.inputs[0]).shape.size() == 2 &&
                     graph_.tensor(output).shape.size() == 2 && graph_.tensor(op.weights[0]).shape.size() == 2;
  if (plain) {
    range(op.inputs[0]);
    ranges_[static_cast<std::size_t>(output)] = add_range({add_group(channels_of(graph_, output)), 1});
  } else {
    freeze_all(op, "meets features that are not channels in");
  }
  own(ranges_[static_cast<std::size_t>(output)], id);
}

void ChannelGroups::follow_same_channels(const Operator& op) {
  const std::int64_t channels = channels_of(graph_, op.inputs[0]);
  const std::size_t rank = graph_.tensor(op.inputs[0]).shape.size();
  for (const TensorId output : op.outputs) {
    if (channels_of(graph_, output) != channels || graph_.tensor(output).shape.size() != rank) {
      return freeze_all(op, "changes its channels in");
    }
  }
  const Range read = range(op.inputs[0]);
  for (std::size_t i = 1; i < op.inputs.size(); ++i) freeze(range(op.inputs[i]), "is a parameter of", op.name);
  for (const TensorId output : op.outputs) ranges_[static_cast<std::size_t>(output)] = read;
}

void ChannelGroups::follow_reduce(const Operator& op) {
  const TensorId output = op.outputs[0];
  const auto& in = graph_.tensor(op.inputs[0]).shape;
  const auto& out = graph_.tensor(output).shape;
  const bool axes_stay = in.size() == out.size() || !contains(op.axes, 0);
  if (contains(op.axes, 1) && axes_stay && op.inputs.size() == 1) {
    // Any number of channels becomes one, or none: what is read stays free.
    range(op.inputs[0]);
    if (out.size() >= 2) ranges_[static_cast<std::size_t>(output)] = fixed(output, "is reduced by", op.name);
    return;
  }
  if (!axes_stay || op.inputs.size() > 1 || out.size() < 2 || in.size() < 2 || in[1] != out[1]) {
    return freeze_all(op, "is reduced otherwise in");
  }
  ranges_[static_cast<std::size_t>(output)] = range(op.inputs[0]);
}

// Axes are aligned at the last one, as in ONNX; one channel is broadcast to many.
void ChannelGroups::follow_elementwise(const Operator& op) {
  const TensorId output = op.outputs[0];
  const auto& out = graph_.tensor(output).shape;
  if (out.size() < 2 || op.outputs.size() > 1) return freeze_all(op, "is combined without channels in");
  Range& made = ranges_[static_cast<std::size_t>(output)];
  bool foreign = false;  // an operand has something else where the output has channels
  for (const TensorId input : op.inputs) {
    const auto& in = graph_.tensor(input).shape;
    if (in.size() == out.size()) {
      if (in[1] != out[1]) {
        freeze(range(input), "is broadcast over channels in", op.name);
      } else if (made.count == 0) {
        made = range(input);
      } else {
        tie(made, range(input), op);
      }
    } else {
      freeze(range(input), "is broadcast along other axes in", op.name);
      foreign = foreign || (in.size() + 1 == out.size() && in[0] != 1);
    }
  }
  if (made.count == 0) made = fixed(output, "is made by broadcasting in", op.name);
  if (foreign) freeze(made, "meets an operand of lower rank in", op.name);
}

void ChannelGroups::follow_concat(const Operator& op) {
  const TensorId output = op.outputs[0];
  const auto is_flat = [&](TensorId input) { return channels_of(graph_, input) == 0; };
  if (!op.weights.empty() || op.axes.size() != 1 || std::any_of(op.inputs.begin(), op.inputs.end(), is_flat)) {
    return freeze_all(op, "is joined with constants in");
  }
  const Range first = range(op.inputs[0]);
  if (op.axes[0] != 1) {
    for (std::size_t i = 1; i < op.inputs.size(); ++i) tie(first, range(op.inputs[i]), op);
    ranges_[static_cast<std::size_t>(output)] = first;
    return;
  }
  std::vector<Segment> joined;
  for (const TensorId input : op.inputs) {
    const Range part = range(input);
    joined.insert(joined.end(), segments_.begin() + static_cast<std::ptrdiff_t>(part.begin),
                  segments_.begin() + static_cast<std::ptrdiff_t>(part.begin + part.count));
  }
  ranges_[static_cast<std::size_t>(output)] = {segments_.size(), joined.size()};
  segments_.insert(segments_.end(), joined.begin(), joined.end());
}

void ChannelGroups::follow_split(const Operator& op) {
  if (op.axes.size() != 1 || op.axes[0] == 1) return freeze_all(op, "is divided by the split");
  follow_same_channels(op);
}

void ChannelGroups::follow_gather(const Operator& op) {
  const TensorId output = op.outputs[0];
  const auto& in = graph_.tensor(op.inputs[0]).shape;
  const auto& out = graph_.tensor(output).shape;
  const bool keeps = op.axes.size() == 1 && op.axes[0] != 1 && (op.axes[0] > 1 || in.size() == out.size()) &&
                     in.size() >= 2 && out.size() >= 2 && in[1] == out[1];
  if (!keeps) return freeze_all(op, "is picked from by");
  const Range read = range(op.inputs[0]);
  for (std::size_t i = 1; i < op.inputs.size(); ++i) freeze(range(op.inputs[i]), "is an index of", op.name);
  ranges_[static_cast<std::size_t>(output)] = read;
}

void ChannelGroups::follow_transpose(const Operator& op) {
  const bool keeps = op.axes.size() >= 2 && op.axes[0] == 0 && op.axes[1] == 1;
  if (!keeps) return freeze_all(op, "is moved to another axis by");
  follow_same_channels(op);
}

void ChannelGroups::follow_reshape(const Operator& op) {
  const TensorId output = op.outputs[0];
  const auto& in = graph_.tensor(op.inputs[0]).shape;
  const auto& out = graph_.tensor(output).shape;
  const bool comparable = op.inputs.size() == 1 && in.size() >= 2 && out.size() >= 2 && in[0] == out[0];
  if (comparable && in[1] == out[1]) {
    ranges_[static_cast<std::size_t>(output)] = range(op.inputs[0]);
    return;
  }
  const std::int64_t pixels = product(in, 2);
  if (!comparable || out.size() != 2 || out[1] != in[1] * pixels) return freeze_all(op, "is mixed with other axes by");
  const Range read = range(op.inputs[0]);
  Range& flat = ranges_[static_cast<std::size_t>(output)];
  flat = {segments_.size(), read.count};
  for (std::size_t i = 0; i < read.count; ++i) {
    const Segment segment = segments_[read.begin + i];
    segments_.push_back({segment.group, segment.repeat * pixels});
  }
}

}  // namespace lanewise::network
