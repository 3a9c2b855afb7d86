// SPDX-License-Identifier: Apache-2.0
// How many bytes of activations are alive at once, before any engine is known.
#include <algorithm>
#include <numeric>

#include "core/network/graph.hpp"

namespace lanewise::network {
namespace {

// Operators that work on a tensor where it lies, as part of the operator that writes it: an activation, a batch
// normalization, a constant summand or factor, an element-wise operand that exists by then. What stands between them
// never exists; a group's only tensor is that of its last operator. These are the rules of core/mapping/follower_fusion
// for a post-processor that can do all of this. Pooling changes the size and is a tensor of its own here.
class FusedGroups {
 public:
  explicit FusedGroups(const Graph& graph)
      : graph_(graph), group_of_(graph.operators().size(), kNone), ready_(graph.tensors().size(), false) {
    for (const TensorId input : graph.inputs()) ready_[index(input)] = true;
    for (OperatorId id = 0; id < static_cast<OperatorId>(graph.operators().size()); ++id) {
      if (group_of_[index(id)] != kNone) continue;
      group_of_[index(id)] = groups_;
      for (const TensorId output : graph_.op(id).outputs) ready_[index(output)] = true;
      if (graph_.op(id).outputs.size() == 1) absorb_followers(id);
      ++groups_;
    }
  }

  int size() const { return groups_; }
  int of(OperatorId op) const { return group_of_[index(op)]; }

 private:
  // What the operators taken in so far rule out.
  struct Head {
    bool array = false;
    bool normalization = false;
    bool activated = false;
    bool has_operand = false;
  };

  static std::size_t index(int id) { return static_cast<std::size_t>(id); }

  void absorb_followers(OperatorId first) {
    const Operator& op = graph_.op(first);
    Head head;
    head.array = op.kind == OperatorKind::kConvolution || op.kind == OperatorKind::kFullyConnected ||
                 op.kind == OperatorKind::kMatMul;
    head.normalization = op.kind == OperatorKind::kLayerNormalization;
    const bool elementwise = op.kind == OperatorKind::kElementwise || op.kind == OperatorKind::kBatchNormalization;
    if (!head.array && !head.normalization && !elementwise) return;
    TensorId at = op.outputs[0];
    std::vector<OperatorId> between;  // reshapes, which belong to the group only if something behind them does
    while (graph_.consumers(at).size() == 1 && !graph_.is_output(at)) {
      const OperatorId next = graph_.consumers(at)[0];
      const Operator& follower = graph_.op(next);
      if (follower.outputs.size() != 1) return;
      const TensorId from = at;
      between.push_back(next);
      at = follower.outputs[0];
      if (follower.kind == OperatorKind::kReshape) continue;
      if (!takes(follower, from, head)) return;
      for (const OperatorId id : between) group_of_[index(id)] = groups_;
      between.clear();
      ready_[index(at)] = true;
    }
  }

  // Whether the group that writes `at` takes in the operator that reads it.
  bool takes(const Operator& op, TensorId at, Head& head) const {
    if (graph_.tensor(op.outputs[0]).elements() != graph_.tensor(at).elements()) return false;
    switch (op.kind) {
      case OperatorKind::kBatchNormalization:
        return head.array;
      case OperatorKind::kActivation:
        if (head.activated || head.normalization) return false;
        return head.activated = true;
      case OperatorKind::kElementwise:
        break;
      default:
        return false;
    }
    if (op.inputs.size() == 1 && op.weights.size() == 1) return head.array || head.normalization;
    if (!head.array || head.has_operand || op.inputs.size() != 2 || op.inputs[0] == op.inputs[1]) return false;
    head.has_operand = ready_[index(op.inputs[0] == at ? op.inputs[1] : op.inputs[0])];
    return head.has_operand;
  }

  const Graph& graph_;
  std::vector<int> group_of_;  // by operator, in the order in which the groups run
  std::vector<bool> ready_;    // by tensor: written by the groups so far
  int groups_ = 0;
};

// The tensor whose bytes an activation lives in: reshapes move nothing.
std::vector<TensorId> find_storage(const Graph& graph) {
  std::vector<TensorId> storage(graph.tensors().size());
  for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<TensorId>(i);
  for (const Operator& op : graph.operators()) {
    if (op.kind != OperatorKind::kReshape || op.inputs.empty()) continue;
    for (const TensorId output : op.outputs) {
      storage[static_cast<std::size_t>(output)] = storage[static_cast<std::size_t>(op.inputs[0])];
    }
  }
  return storage;
}

}  // namespace

std::vector<std::int64_t> live_activation_bytes(const Graph& graph) {
  const std::vector<TensorId> storage = find_storage(graph);
  const FusedGroups groups(graph);
  const int last_group = groups.size() - 1;
  // One entry per group: the bytes that become alive there, less those that died after the one before.
  std::vector<std::int64_t> change(static_cast<std::size_t>(groups.size()) + 1, 0);
  std::vector<int> first_use(graph.tensors().size(), kNone), last_use(graph.tensors().size(), kNone);
  std::vector<bool> passes(graph.tensors().size(), true);  // never leaves its group
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const OperatorId producer = graph.producer(static_cast<TensorId>(i));
    if (producer != kNone) first_use[i] = groups.of(producer);
  }
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const auto id = static_cast<TensorId>(i);
    const auto root = static_cast<std::size_t>(storage[i]);
    last_use[root] = std::max(last_use[root], first_use[i]);
    if (graph.is_output(id)) last_use[root] = last_group;
    // An input of the network, an output, and what nobody reads exist in any case.
    if (first_use[i] == kNone || graph.is_output(id) || graph.consumers(id).empty()) passes[root] = false;
    for (const OperatorId reader : graph.consumers(id)) {
      last_use[root] = std::max(last_use[root], groups.of(reader));
      if (groups.of(reader) != first_use[root] && graph.op(reader).kind != OperatorKind::kReshape) passes[root] = false;
    }
  }
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const auto id = static_cast<TensorId>(i);
    const Tensor& tensor = graph.tensor(id);
    if (tensor.role == TensorRole::kWeight || storage[i] != id || last_use[i] == kNone || passes[i]) continue;
    const std::int64_t bytes = packed_bytes(tensor.elements(), tensor.precision).count();
    change[static_cast<std::size_t>(std::max(first_use[i], 0))] += bytes;
    change[static_cast<std::size_t>(last_use[i]) + 1] -= bytes;
  }
  std::partial_sum(change.begin(), change.end(), change.begin());
  std::vector<std::int64_t> alive(graph.operators().size());
  for (std::size_t i = 0; i < alive.size(); ++i) {
    alive[i] = change[static_cast<std::size_t>(groups.of(static_cast<OperatorId>(i)))];
  }
  return alive;
}

Bytes peak_activation_bytes(const Graph& graph) {
  const std::vector<std::int64_t> alive = live_activation_bytes(graph);
  return Bytes(alive.empty() ? 0 : *std::max_element(alive.begin(), alive.end()));
}

}  // namespace lanewise::network
