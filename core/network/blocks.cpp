// SPDX-License-Identifier: Apache-2.0
#include "core/network/blocks.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace lanewise::network {

namespace {

class Recogniser {
 public:
  explicit Recogniser(const Graph& graph) : graph_(graph) {}

  std::vector<Block> run() {
    find_squeeze_excites();
    for (OperatorId id = 0; id < count(); ++id) find_inverted_bottleneck(id);
    for (OperatorId id = 0; id < count(); ++id) find_depthwise_separable(id);
    for (OperatorId id = 0; id < count(); ++id) find_residual(id);
    return numbered();
  }

 private:
  using Set = std::set<OperatorId>;
  static constexpr std::size_t kLargestResidual = 4096;  // operators
  // Operators passed on the way from one convolution to the next, and the convolution reached.
  struct Path {
    Set passed;
    OperatorId end = kNone;
  };

  const Graph& graph_;
  std::vector<Block> blocks_;
  std::map<TensorId, std::size_t> excite_of_;  // input tensor of a squeeze-excite -> its block
  std::set<OperatorId> in_bottleneck_;
  std::set<OperatorId> in_residual_;

  OperatorId count() const { return static_cast<OperatorId>(graph_.operators().size()); }

  bool is_pointwise(const Operator& op) const {
    return op.kind == OperatorKind::kConvolution && op.groups == 1 && !op.transposed && op.window.kernel[0] == 1 &&
           op.window.kernel[1] == 1;
  }
  bool is_depthwise(const Operator& op) const {
    return op.kind == OperatorKind::kConvolution && !op.transposed && op.groups > 1 &&
           op.groups == channels(op.inputs[0]) && op.groups == channels(op.outputs[0]);
  }
  bool is_full(const Operator& op) const {
    return op.kind == OperatorKind::kConvolution && !op.transposed && op.groups == 1 &&
           op.window.kernel[0] * op.window.kernel[1] > 1;
  }
  static bool is_pass_through(const Operator& op) {
    return op.kind == OperatorKind::kBatchNormalization || op.kind == OperatorKind::kActivation ||
           op.kind == OperatorKind::kPad;
  }
  std::int64_t channels(TensorId id) const {
    const auto& shape = graph_.tensor(id).shape;
    return shape.size() < 2 ? 0 : shape[1];
  }
  // The only reader of a tensor that is not read outside the network; kNone otherwise.
  OperatorId sole_reader(TensorId id) const {
    const auto& readers = graph_.consumers(id);
    return readers.size() == 1 && !graph_.is_output(id) ? readers[0] : kNone;
  }

  // From the output of a convolution through normalization, activation and squeeze-excite to the next convolution.
  Path forward(TensorId from) const {
    Path path;
    TensorId at = from;
    while (true) {
      const auto excite = excite_of_.find(at);
      if (excite != excite_of_.end()) {
        const auto& operators = blocks_[excite->second].operators;
        path.passed.insert(operators.begin(), operators.end());
        at = graph_.op(operators.back()).outputs[0];
        continue;
      }
      const OperatorId reader = sole_reader(at);
      if (reader == kNone) return path;
      const Operator& op = graph_.op(reader);
      if (op.kind == OperatorKind::kConvolution) {
        path.end = reader;
        return path;
      }
      if (!is_pass_through(op)) return path;
      path.passed.insert(reader);
      at = op.outputs[0];
    }
  }

  // After the projection: batch normalization, then the addition of the block's input, if it is there.
  OperatorId closing_add(OperatorId project, TensorId block_input, Set& members) const {
    TensorId at = graph_.op(project).outputs[0];
    OperatorId reader = sole_reader(at);
    while (reader != kNone && graph_.op(reader).kind == OperatorKind::kBatchNormalization) {
      members.insert(reader);
      at = graph_.op(reader).outputs[0];
      reader = sole_reader(at);
    }
    if (reader == kNone || !is_add(graph_.op(reader))) return kNone;
    const auto& inputs = graph_.op(reader).inputs;
    if (inputs[inputs[0] == at ? 1 : 0] != block_input) return kNone;
    members.insert(reader);
    return reader;
  }

  static bool is_add(const Operator& op) {
    return op.kind == OperatorKind::kElementwise && op.elementwise == ElementwiseFunction::kAdd &&
           op.inputs.size() == 2 && op.inputs[0] != op.inputs[1];
  }

  std::size_t add(BlockKind kind, const Set& members) {
    Block block;
    block.kind = kind;
    block.operators.assign(members.begin(), members.end());
    blocks_.push_back(std::move(block));
    return blocks_.size() - 1;
  }

  void find_squeeze_excites() {
    for (OperatorId id = 0; id < count(); ++id) {
      const Operator& op = graph_.op(id);
      if (op.kind != OperatorKind::kElementwise || op.elementwise != ElementwiseFunction::kMultiply ||
          op.inputs.size() != 2) {
        continue;
      }
      for (const std::size_t gate : {1U, 0U}) {
        if (match_excite(id, op.inputs[1 - gate], op.inputs[gate])) break;
      }
    }
  }

  // Walks back from the gate of a multiplication to the global average of its other operand.
  bool match_excite(OperatorId multiply, TensorId scaled, TensorId gate) {
    Set members{multiply};
    // Read backwards: gate, 1x1, activation, 1x1, average.
    int stage = 0;
    TensorId at = gate;
    while (true) {
      const OperatorId id = graph_.producer(at);
      if (id == kNone || sole_reader(at) == kNone) return false;
      const Operator& op = graph_.op(id);
      const bool linear = is_pointwise(op) || op.kind == OperatorKind::kFullyConnected;
      members.insert(id);
      if (op.kind == OperatorKind::kReshape || op.kind == OperatorKind::kBatchNormalization) {
        // Between the stages, wherever an exporter put it.
      } else if (stage == 0 && op.kind == OperatorKind::kActivation &&
                 (op.activation == ActivationFunction::kSigmoid || op.activation == ActivationFunction::kHardSigmoid)) {
        stage = 1;
      } else if ((stage == 1 || stage == 3) && linear) {
        ++stage;
      } else if (stage == 2 && op.kind == OperatorKind::kActivation) {
        stage = 3;
      } else if (stage == 4 && is_global_average(op)) {
        if (op.inputs[0] != scaled || graph_.consumers(scaled).size() != 2 || graph_.is_output(scaled)) return false;
        excite_of_[scaled] = add(BlockKind::kSqueezeExcite, members);
        return true;
      } else {
        return false;
      }
      at = op.inputs[0];
    }
  }

  bool is_global_average(const Operator& op) const {
    if (op.kind == OperatorKind::kGlobalAveragePool) return true;
    return op.kind == OperatorKind::kReduce && op.source_type == "ReduceMean" &&
           graph_.tensor(op.inputs[0]).shape.size() == 4 && op.axes == std::vector<std::int64_t>{2, 3};
  }

  // `id` is the expansion: a 1x1 convolution before a depthwise one, or a full KxK convolution by itself.
  void find_inverted_bottleneck(OperatorId id) {
    const Operator& first = graph_.op(id);
    const bool fused = is_full(first);
    if (!fused && !is_pointwise(first)) return;
    Set members{id};
    OperatorId depthwise = kNone;
    if (!fused) {
      const Path middle = forward(first.outputs[0]);
      if (middle.end == kNone || !is_depthwise(graph_.op(middle.end))) return;
      depthwise = middle.end;
      members.insert(middle.passed.begin(), middle.passed.end());
      members.insert(depthwise);
    }
    const Path tail = forward(graph_.op(fused ? id : depthwise).outputs[0]);
    if (tail.end == kNone || !is_pointwise(graph_.op(tail.end))) return;
    const std::int64_t hidden = channels(first.outputs[0]);
    if (hidden <= channels(first.inputs[0]) || hidden <= channels(graph_.op(tail.end).outputs[0])) return;
    members.insert(tail.passed.begin(), tail.passed.end());
    members.insert(tail.end);
    const OperatorId residual = closing_add(tail.end, first.inputs[0], members);
    for (const OperatorId member : members) {
      if (in_bottleneck_.count(member) > 0) return;
    }
    Block& block = blocks_[add(fused ? BlockKind::kFusedInvertedBottleneck : BlockKind::kInvertedBottleneck, members)];
    block.expand = id;
    block.depthwise = depthwise;
    block.project = tail.end;
    block.residual_add = residual;
    in_bottleneck_.insert(members.begin(), members.end());
  }

  void find_depthwise_separable(OperatorId id) {
    if (in_bottleneck_.count(id) > 0 || !is_depthwise(graph_.op(id))) return;
    const Path path = forward(graph_.op(id).outputs[0]);
    if (path.end == kNone || !is_pointwise(graph_.op(path.end)) || in_bottleneck_.count(path.end) > 0) return;
    Set members = path.passed;
    members.insert(id);
    members.insert(path.end);
    Block& block = blocks_[add(BlockKind::kDepthwiseSeparable, members)];
    block.depthwise = id;
    block.project = path.end;
  }

  // Where a tensor comes from: its operator, or a negative number of its own for a graph input.
  int source(TensorId id) const { return graph_.producer(id) != kNone ? graph_.producer(id) : -2 - id; }

  void find_residual(OperatorId id) {
    const Operator& op = graph_.op(id);
    if (!is_add(op)) return;
    // Latest operator first, until everything left has become one: the operator that both operands come from.
    std::set<int> frontier{source(op.inputs[0]), source(op.inputs[1])};
    if (frontier.size() < 2) return;
    Set members{id};
    while (frontier.size() > 1) {
      const auto latest = std::prev(frontier.end());
      const OperatorId member = *latest;
      if (member < 0 || in_residual_.count(member) > 0 || members.size() >= kLargestResidual) {
        // Whatever has this addition within it would meet the same: later walks end here, so that a long row of
        // additions is walked once.
        in_residual_.insert(id);
        return;
      }
      frontier.erase(latest);
      members.insert(member);
      for (const TensorId input : graph_.op(member).inputs) frontier.insert(source(input));
    }
    Block& block = blocks_[add(BlockKind::kResidual, members)];
    block.residual_add = id;
    in_residual_.insert(members.begin(), members.end());
  }

  std::vector<Block> numbered() {
    std::sort(blocks_.begin(), blocks_.end(), [](const Block& a, const Block& b) {
      if (a.operators.front() != b.operators.front()) return a.operators.front() < b.operators.front();
      return a.kind < b.kind;
    });
    std::map<BlockKind, int> numbers;
    for (Block& block : blocks_) block.name = to_string(block.kind) + std::to_string(numbers[block.kind]++);
    return std::move(blocks_);
  }
};

}  // namespace

std::vector<Block> recognise_blocks(const Graph& graph) { return Recogniser(graph).run(); }

}  // namespace lanewise::network
