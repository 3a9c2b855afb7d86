// SPDX-License-Identifier: Apache-2.0
// Which channel dimensions of a graph must stay equal, which of them may change, and at which resolution they work.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/network/rewrite.hpp"

namespace lanewise::network {

// A run of channels along axis 1 of a tensor. Each channel of the group stands for `repeat` elements: a flattened map
// has height x width elements per channel.
struct Segment {
  int group = 0;
  std::int64_t repeat = 1;
};

// The channel groups of a graph, found by union-find over its operators. Each convolution and each fully connected
// layer makes a group. What must have as many channels (depthwise convolutions, additions, activations …) is tied to
// that group. What cannot be followed (reshapes that mix channels, grouped convolutions, splits …) or is given (graph
// inputs and outputs) freezes it.
class ChannelGroups {
 public:
  explicit ChannelGroups(const Graph& graph);

  // The stages of the free groups, the finest resolution first.
  const std::vector<Stage>& stages() const { return stages_; }
  // "NAME: reason" for each frozen group that a layer or a graph input owns, in topological order.
  std::vector<std::string> frozen() const;

  // The length of axis 1 of every tensor after scaling, with one multiplier per stage; 0 for tensors without that axis.
  // Throws Error where a group would get more channels than any network has.
  std::vector<std::int64_t> scaled_channels(const std::vector<double>& multipliers, std::int64_t multiple) const;

 private:
  // Where a tensor's segments stand in segments_.
  struct Range {
    std::size_t begin = 0, count = 0;
  };
  struct Group {
    int parent = 0;
    std::int64_t channels = 0;
    OperatorId owner = kNone;    // the first layer that makes or passes it
    TensorId input = kNone;      // or the graph input
    const char* rule = nullptr;  // why it is frozen; null: free
    std::string culprit;         // the operator, tensor or output that froze it
    int stage = kNone;
    std::pair<std::int64_t, std::int64_t> map{0, 0};  // height and width of the coarsest map above 1x1 made by a layer
  };

  int find(int group) const;
  void unite(int a, int b);
  int add_group(std::int64_t channels);
  Range add_range(const Segment& segment);
  Range fixed(TensorId tensor, const char* rule, const std::string& culprit);
  Range range(TensorId tensor);
  void freeze(const Range& range, const char* rule, const std::string& culprit);
  void freeze_inputs(const Operator& op, const char* rule);
  void freeze_all(const Operator& op, const char* rule);
  void own(const Range& range, OperatorId layer);
  void tie(const Range& a, const Range& b, const Operator& op);

  void follow(OperatorId id);
  void follow_convolution(OperatorId id);
  void follow_fully_connected(OperatorId id);
  void follow_same_channels(const Operator& op);
  void follow_reduce(const Operator& op);
  void follow_elementwise(const Operator& op);
  void follow_concat(const Operator& op);
  void follow_split(const Operator& op);
  void follow_gather(const Operator& op);
  void follow_transpose(const Operator& op);
  void follow_reshape(const Operator& op);

  void freeze_outputs();
  void freeze_shared_weights();
  void find_maps();
  std::pair<std::int64_t, std::int64_t> gated_map(TensorId from) const;
  void find_stages();

  const Graph& graph_;
  std::vector<Segment> segments_;
  std::vector<Range> ranges_;  // by tensor; count 0: not known yet, or no axis 1
  std::vector<Group> groups_;
  std::vector<Stage> stages_;
};

// Axis 1 of a tensor, 0 where its rank is below 2.
std::int64_t channels_of(const Graph& graph, TensorId tensor);
// A convolution in which every input channel has its own filters.
bool is_depthwise(const Graph& graph, const Operator& op);

}  // namespace lanewise::network
