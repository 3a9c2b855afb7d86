// SPDX-License-Identifier: Apache-2.0
#include "accuracy/network/batch_axes.hpp"

#include <algorithm>

namespace lanewise::accuracy {

namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using Shape = std::vector<std::int64_t>;

class Finder {
 public:
  Finder(const Graph& graph, const DetailsOf& details)
      : graph_(graph), details_(details), batch_(batch_of(graph)), axes_(graph.tensors().size(), kNone) {}

  std::vector<int> run() {
    for (std::size_t id = 0; id < axes_.size(); ++id) {
      const network::Tensor& tensor = graph_.tensors()[id];
      if (tensor.role == network::TensorRole::kGraphInput && !tensor.shape.empty()) axes_[id] = 0;
    }
    for (const Operator& op : graph_.operators()) {
      for (const TensorId output : op.outputs) set(output, follow(op, output));
    }
    return axes_;
  }

 private:
  const Graph& graph_;
  const DetailsOf& details_;
  std::int64_t batch_;
  std::vector<int> axes_;

  int axis(TensorId id) const { return axes_[static_cast<std::size_t>(id)]; }
  const Shape& shape(TensorId id) const { return graph_.tensor(id).shape; }
  int rank(TensorId id) const { return static_cast<int>(shape(id).size()); }

  void set(TensorId id, int axis) {
    const bool fits = axis >= 0 && axis < rank(id) && shape(id)[static_cast<std::size_t>(axis)] % batch_ == 0;
    axes_[static_cast<std::size_t>(id)] = fits ? axis : kNone;
  }

  // That of the first operand that has one, where operands are aligned at their last axes.
  int aligned(const Operator& op, TensorId output) const {
    for (const TensorId id : op.inputs) {
      if (axis(id) != kNone) return axis(id) + rank(output) - rank(id);
    }
    return kNone;
  }

  int follow(const Operator& op, TensorId output) const {
    if (op.inputs.empty()) return kNone;
    const TensorId from = op.inputs[0];
    const int before = axis(from);
    switch (op.kind) {
      case OperatorKind::kElementwise:
      case OperatorKind::kConcat:
      case OperatorKind::kMatMul:
        return aligned(op, output);
      case OperatorKind::kTranspose: {
        const auto at = std::find(op.axes.begin(), op.axes.end(), before);
        return at == op.axes.end() ? kNone : static_cast<int>(at - op.axes.begin());
      }
      case OperatorKind::kReduce:
        return reduced(op, output, before);
      case OperatorKind::kGather:
        return gathered(op, output);
      case OperatorKind::kReshape:
        return reshaped(op, output, before);
      case OperatorKind::kFullyConnected:
        return before == rank(from) - 1 ? kNone : before;
      case OperatorKind::kHost:
        return kNone;
      case OperatorKind::kSlice:
      case OperatorKind::kSplit:
        return std::count(op.axes.begin(), op.axes.end(), before) > 0 && shape(from) != shape(output) &&
                       shape(from)[static_cast<std::size_t>(before)] != shape(output)[static_cast<std::size_t>(before)]
                   ? kNone
                   : before;
      default:
        return before;
    }
  }

  int reduced(const Operator& op, TensorId output, int before) const {
    if (before == kNone || std::count(op.axes.begin(), op.axes.end(), before) > 0) return kNone;
    if (rank(output) == rank(op.inputs[0])) return before;
    return before - static_cast<int>(std::count_if(op.axes.begin(), op.axes.end(), [&](auto a) { return a < before; }));
  }

  int gathered(const Operator& op, TensorId output) const {
    const int along = static_cast<int>(op.axes.at(0));
    const bool is_table = !op.weights.empty();
    const TensorId chosen = is_table ? op.inputs[0] : op.inputs.size() > 1 ? op.inputs[1] : kNone;
    if (is_table || (axis(op.inputs[0]) == kNone && chosen != kNone)) {
      return axis(chosen) == kNone ? kNone : along + axis(chosen);
    }
    const int before = axis(op.inputs[0]);
    if (before == kNone || before == along) return kNone;
    return before < along ? before : before + rank(output) - rank(op.inputs[0]);
  }

  // The numbers of an image stay together: what lies before the batch is as much on both sides.
  int reshaped(const Operator& op, TensorId output, int before) const {
    if (before == kNone) return kNone;
    const Shape& in = shape(op.inputs[0]);
    const Shape& out = shape(output);
    if (op.source_type == "Transpose" && batch_ == 1) {
      const network::OperatorDetails* said = details_(op);
      if (said == nullptr || said->lists.count("perm") == 0) return kNone;
      const std::vector<double>& order = said->lists.at("perm");
      const auto at = std::find(order.begin(), order.end(), static_cast<double>(before));
      return at == order.end() ? kNone : static_cast<int>(at - order.begin());
    }
    std::int64_t ahead = 1;
    for (int i = 0; i < before; ++i) ahead *= in[static_cast<std::size_t>(i)];
    std::int64_t passed = 1;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (passed == ahead && out[i] % batch_ == 0) return static_cast<int>(i);
      passed *= out[i];
    }
    return kNone;
  }
};

}  // namespace

std::int64_t batch_of(const Graph& graph) {
  for (const TensorId id : graph.inputs()) {
    if (!graph.tensor(id).shape.empty()) return graph.tensor(id).shape[0];
  }
  return 1;
}

std::vector<int> find_batch_axes(const Graph& graph, const DetailsOf& details) { return Finder(graph, details).run(); }

}  // namespace lanewise::accuracy
