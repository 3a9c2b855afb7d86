// SPDX-License-Identifier: Apache-2.0
#include "core/network/rewrite_channels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::network {
namespace {

constexpr std::int64_t kMostChannels = 1 << 24;

std::pair<std::int64_t, std::int64_t> map_size(const Tensor& tensor) {
  const auto& shape = tensor.shape;
  if (shape.size() < 3) return {1, 1};
  return shape.size() == 3 ? std::pair<std::int64_t, std::int64_t>{1, shape[2]}
                           : std::pair<std::int64_t, std::int64_t>{shape[2], shape[3]};
}

std::int64_t area(const std::pair<std::int64_t, std::int64_t>& map) { return map.first * map.second; }

// Whether height and width of the output are still those of a feature map.
bool keeps_map(const Graph& graph, const Operator& op) {
  switch (op.kind) {
    case OperatorKind::kConvolution:
    case OperatorKind::kFullyConnected:
    case OperatorKind::kBatchNormalization:
    case OperatorKind::kActivation:
    case OperatorKind::kElementwise:
    case OperatorKind::kSoftmax:
    case OperatorKind::kResize:
      return true;
    case OperatorKind::kReshape:
      return channels_of(graph, op.inputs[0]) == channels_of(graph, op.outputs[0]);
    default:
      return false;
  }
}

bool makes_channels(const Operator& op) {
  return op.kind == OperatorKind::kConvolution || op.kind == OperatorKind::kFullyConnected;
}

}  // namespace

std::int64_t channels_of(const Graph& graph, TensorId tensor) {
  const auto& shape = graph.tensor(tensor).shape;
  return shape.size() < 2 ? 0 : shape[1];
}

bool is_depthwise(const Graph& graph, const Operator& op) {
  return op.kind == OperatorKind::kConvolution && op.groups > 1 && op.groups == channels_of(graph, op.inputs[0]) &&
         channels_of(graph, op.outputs[0]) % op.groups == 0;
}

ChannelGroups::ChannelGroups(const Graph& graph) : graph_(graph), ranges_(graph.tensors().size()) {
  segments_.reserve(graph.operators().size() + 8);
  groups_.reserve(graph.operators().size());
  for (const TensorId input : graph.inputs()) {
    if (channels_of(graph, input) == 0) continue;
    ranges_[static_cast<std::size_t>(input)] = fixed(input, "is a graph input", "");
    groups_.back().input = input;
  }
  for (OperatorId id = 0; id < static_cast<OperatorId>(graph.operators().size()); ++id) follow(id);
  freeze_outputs();
  freeze_shared_weights();
  find_maps();
  find_stages();
}

int ChannelGroups::find(int group) const {
  while (groups_[static_cast<std::size_t>(group)].parent != group) {
    group = groups_[static_cast<std::size_t>(group)].parent;
  }
  return group;
}

// The earlier group is the root and gives the name, so that names do not depend on the order of ties.
void ChannelGroups::unite(int a, int b) {
  a = find(a);
  b = find(b);
  if (a == b) return;
  if (a > b) std::swap(a, b);
  Group& root = groups_[static_cast<std::size_t>(a)];
  Group& other = groups_[static_cast<std::size_t>(b)];
  other.parent = a;
  if (root.owner == kNone && root.input == kNone) {
    root.owner = other.owner;
    root.input = other.input;
  }
  if (root.rule == nullptr && other.rule != nullptr) {
    root.rule = other.rule;
    root.culprit = other.culprit;
  }
}

int ChannelGroups::add_group(std::int64_t channels) {
  Group group;
  group.parent = static_cast<int>(groups_.size());
  group.channels = channels;
  groups_.push_back(std::move(group));
  return static_cast<int>(groups_.size()) - 1;
}

ChannelGroups::Range ChannelGroups::add_range(const Segment& segment) {
  segments_.push_back(segment);
  return {segments_.size() - 1, 1};
}

// A group of its own that cannot change.
ChannelGroups::Range ChannelGroups::fixed(TensorId tensor, const char* rule, const std::string& culprit) {
  const Range range = add_range({add_group(channels_of(graph_, tensor)), 1});
  freeze(range, rule, culprit);
  return range;
}

ChannelGroups::Range ChannelGroups::range(TensorId tensor) {
  Range& range = ranges_[static_cast<std::size_t>(tensor)];
  if (range.count == 0 && channels_of(graph_, tensor) > 0) {
    range = fixed(tensor, "comes from outside the network", graph_.tensor(tensor).name);
  }
  return range;
}

void ChannelGroups::freeze(const Range& range, const char* rule, const std::string& culprit) {
  for (std::size_t i = range.begin; i < range.begin + range.count; ++i) {
    Group& group = groups_[static_cast<std::size_t>(find(segments_[i].group))];
    if (group.rule != nullptr) continue;
    group.rule = rule;
    group.culprit = culprit;
  }
}

void ChannelGroups::freeze_inputs(const Operator& op, const char* rule) {
  for (const TensorId input : op.inputs) freeze(range(input), rule, op.name);
}

// What goes in cannot change, and what comes out has its own channels, which cannot either.
void ChannelGroups::freeze_all(const Operator& op, const char* rule) {
  freeze_inputs(op, rule);
  for (const TensorId output : op.outputs) {
    if (channels_of(graph_, output) > 0) ranges_[static_cast<std::size_t>(output)] = fixed(output, rule, op.name);
  }
}

void ChannelGroups::own(const Range& range, OperatorId layer) {
  for (std::size_t i = range.begin; i < range.begin + range.count; ++i) {
    Group& group = groups_[static_cast<std::size_t>(find(segments_[i].group))];
    if (group.owner == kNone && group.input == kNone) group.owner = layer;
  }
}

void ChannelGroups::tie(const Range& a, const Range& b, const Operator& op) {
  bool alike = a.count == b.count;
  for (std::size_t i = 0; alike && i < a.count; ++i) {
    const Segment& x = segments_[a.begin + i];
    const Segment& y = segments_[b.begin + i];
    alike = x.repeat == y.repeat &&
            groups_[static_cast<std::size_t>(x.group)].channels == groups_[static_cast<std::size_t>(y.group)].channels;
  }
  if (!alike) {
    freeze(a, "meets channels composed otherwise in", op.name);
    freeze(b, "meets channels composed otherwise in", op.name);
    return;
  }
  for (std::size_t i = 0; i < a.count; ++i) unite(segments_[a.begin + i].group, segments_[b.begin + i].group);
}

void ChannelGroups::freeze_outputs() {
  for (const TensorId output : graph_.outputs()) {
    freeze(range(output), "is the graph output", graph_.tensor(output).name);
  }
}

// A weight that two operators read would have to fit both: its operators keep their channels.
void ChannelGroups::freeze_shared_weights() {
  for (const Operator& op : graph_.operators()) {
    for (const TensorId weight : op.weights) {
      const Tensor& tensor = graph_.tensor(weight);
      if (tensor.elements() <= 1 || graph_.consumers(weight).size() <= 1) continue;
      for (const TensorId input : op.inputs) freeze(range(input), "meets the shared weight", tensor.name);
      for (const TensorId output : op.outputs) freeze(range(output), "meets the shared weight", tensor.name);
    }
  }
}

void ChannelGroups::find_maps() {
  for (const Operator& op : graph_.operators()) {
    if (!makes_channels(op)) continue;
    const auto map = map_size(graph_.tensor(op.outputs[0]));
    if (area(map) <= 1) continue;
    const Range& made = ranges_[static_cast<std::size_t>(op.outputs[0])];
    for (std::size_t i = made.begin; i < made.begin + made.count; ++i) {
      auto& coarsest = groups_[static_cast<std::size_t>(find(segments_[i].group))].map;
      if (area(coarsest) == 0 || area(map) < area(coarsest)) coarsest = map;
    }
  }
}

// Channels that exist at 1x1 alone work for the map that they come to steer (squeeze-excite, pooled branches), if any.
std::pair<std::int64_t, std::int64_t> ChannelGroups::gated_map(TensorId from) const {
  std::vector<TensorId> reached{from};
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const auto map = map_size(graph_.tensor(reached[i]));
    if (area(map) > 1) {
      const Range& gated = ranges_[static_cast<std::size_t>(reached[i])];
      if (gated.count == 0) return map;
      const Group& group = groups_[static_cast<std::size_t>(find(segments_[gated.begin].group))];
      return area(group.map) > 0 ? group.map : map;
    }
    for (const OperatorId reader : graph_.consumers(reached[i])) {
      if (!keeps_map(graph_, graph_.op(reader))) continue;
      for (const TensorId output : graph_.op(reader).outputs) {
        if (std::find(reached.begin(), reached.end(), output) == reached.end()) reached.push_back(output);
      }
    }
  }
  return {1, 1};
}

void ChannelGroups::find_stages() {
  using Map = std::pair<std::int64_t, std::int64_t>;
  std::vector<std::pair<Map, int>> free_groups;  // map and root
  for (const Operator& op : graph_.operators()) {
    if (!makes_channels(op)) continue;
    const Range& made = ranges_[static_cast<std::size_t>(op.outputs[0])];
    for (std::size_t i = made.begin; i < made.begin + made.count; ++i) {
      const int root = find(segments_[i].group);
      Group& group = groups_[static_cast<std::size_t>(root)];
      if (group.rule != nullptr || group.stage != kNone) continue;
      group.stage = 0;  // met; the number follows once all maps are known
      free_groups.emplace_back(area(group.map) > 0 ? group.map : gated_map(op.outputs[0]), root);
    }
  }
  std::stable_sort(free_groups.begin(), free_groups.end(), [](const auto& a, const auto& b) {
    return area(a.first) != area(b.first) ? area(a.first) > area(b.first) : a.first > b.first;
  });
  for (const auto& [map, root] : free_groups) {
    if (stages_.empty() || Map{stages_.back().height, stages_.back().width} != map) {
      stages_.push_back({fmt::format("stage{}", stages_.size()), map.first, map.second, 0});
    }
    ++stages_.back().free_groups;
    groups_[static_cast<std::size_t>(root)].stage = static_cast<int>(stages_.size()) - 1;
  }
}

std::vector<std::string> ChannelGroups::frozen() const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const Group& group = groups_[i];
    if (group.parent != static_cast<int>(i) || group.rule == nullptr) continue;
    if (group.owner == kNone && group.input == kNone) continue;
    const std::string& name = group.owner != kNone ? graph_.op(group.owner).name : graph_.tensor(group.input).name;
    lines.push_back(fmt::format("{}: {}{}{}", name, group.rule, group.culprit.empty() ? "" : " ", group.culprit));
  }
  return lines;
}

std::vector<std::int64_t> ChannelGroups::scaled_channels(const std::vector<double>& multipliers,
                                                         std::int64_t multiple) const {
  std::vector<std::int64_t> channels(groups_.size());
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const Group& group = groups_[static_cast<std::size_t>(find(static_cast<int>(i)))];
    channels[i] = group.channels;
    if (group.rule != nullptr || group.stage == kNone) continue;
    const double multiplier = multipliers[static_cast<std::size_t>(group.stage)];
    const double steps = static_cast<double>(group.channels) * multiplier / static_cast<double>(multiple);
    if (!(steps * static_cast<double>(multiple) <= static_cast<double>(kMostChannels))) {
      throw Error(fmt::format("network '{}': {} x {} channels of '{}': must be at most {}", graph_.name(), multiplier,
                              group.channels, graph_.op(group.owner).name, kMostChannels));
    }
    channels[i] = std::max<std::int64_t>(1, std::llround(steps)) * multiple;
  }
  std::vector<std::int64_t> scaled(ranges_.size(), 0);
  for (std::size_t tensor = 0; tensor < ranges_.size(); ++tensor) {
    const Range& range = ranges_[tensor];
    for (std::size_t i = range.begin; i < range.begin + range.count; ++i) {
      scaled[tensor] += channels[static_cast<std::size_t>(segments_[i].group)] * segments_[i].repeat;
    }
  }
  return scaled;
}

}  // namespace lanewise::network
