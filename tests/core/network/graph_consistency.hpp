// SPDX-License-Identifier: Apache-2.0
// Works out every shape of a graph anew, from the operators' definitions alone, and lists what does not fit.
#pragma once

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::network {

class ConsistencyCheck {
 public:
  // One line a fault; empty: the graph is consistent.
  static std::vector<std::string> faults(const Graph& graph) {
    ConsistencyCheck check(graph);
    std::set<std::string> names;
    for (const Operator& op : graph.operators()) {
      check.op_ = &op;
      check.expect(names.insert(op.name).second, "its name stands twice");
      check.visit();
    }
    for (const Tensor& tensor : graph.tensors()) {
      for (const std::int64_t size : tensor.shape) {
        if (size < 1) check.faults_.push_back(tensor.name + ": a dimension is below 1");
      }
    }
    return check.faults_;
  }

 private:
  using Shape = std::vector<std::int64_t>;

  explicit ConsistencyCheck(const Graph& graph) : graph_(graph) {}

  const Shape& in(std::size_t i = 0) const { return graph_.tensor(op_->inputs.at(i)).shape; }
  const Shape& out(std::size_t i = 0) const { return graph_.tensor(op_->outputs.at(i)).shape; }
  const Shape& weight(std::size_t i = 0) const { return graph_.tensor(op_->weights.at(i)).shape; }
  static std::int64_t product(const Shape& shape) {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  }
  static std::string text(const Shape& shape) {
    std::string line = "[";
    for (const std::int64_t size : shape) line += (line.size() > 1 ? "," : "") + std::to_string(size);
    return line + "]";
  }

  void expect(bool holds, const std::string& what) {
    if (!holds) faults_.push_back(op_->name + " (" + to_string(op_->kind) + "): " + what);
  }
  void expect_equal(const Shape& a, const Shape& b, const std::string& what) {
    expect(a == b, what + ": " + text(a) + " is not " + text(b));
  }

  std::int64_t swept(std::int64_t size, int axis) const {
    const Window& w = op_->window;
    return (size + w.pad_begin[axis] + w.pad_end[axis] - w.dilation[axis] * (w.kernel[axis] - 1) - 1) / w.stride[axis] +
           1;
  }

  void visit() {
    switch (op_->kind) {
      case OperatorKind::kConvolution:
        return convolution();
      case OperatorKind::kFullyConnected:
        return fully_connected();
      case OperatorKind::kBatchNormalization:
        expect_equal(in(), out(), "output");
        for (std::size_t i = 0; i < op_->weights.size(); ++i) expect_equal(weight(i), {in().at(1)}, "statistics");
        return;
      case OperatorKind::kActivation:
      case OperatorKind::kElementwise:
        return elementwise();
      case OperatorKind::kLayerNormalization:
      case OperatorKind::kSoftmax:
      case OperatorKind::kLocalResponseNormalization:
        return expect_equal(in(), out(), "output");
      case OperatorKind::kMaxPool:
      case OperatorKind::kAveragePool:
      case OperatorKind::kGlobalAveragePool:
      case OperatorKind::kGlobalMaxPool:
      case OperatorKind::kResize:
        expect(in().size() == out().size(), "rank changes");
        return expect_equal(Shape(in().begin(), in().begin() + 2), Shape(out().begin(), out().begin() + 2), "channels");
      case OperatorKind::kConcat:
        return concat();
      case OperatorKind::kReshape:
        return expect(product(in()) == product(out()), "elements: " + text(in()) + " to " + text(out()));
      case OperatorKind::kTranspose: {
        Shape moved;
        for (const std::int64_t axis : op_->axes) moved.push_back(in().at(static_cast<std::size_t>(axis)));
        return expect_equal(moved, out(), "output");
      }
      case OperatorKind::kSplit: {
        std::int64_t total = 0;
        const auto axis = static_cast<std::size_t>(op_->axes.at(0));
        for (std::size_t i = 0; i < op_->outputs.size(); ++i) total += out(i).at(axis);
        return expect(total == in().at(axis), "parts do not add up");
      }
      case OperatorKind::kMatMul:
        return expect(in(0).back() == in(1).at(in(1).size() - 2), "inner dimensions differ");
      case OperatorKind::kReduce:
        return reduce();
      case OperatorKind::kPad:
      case OperatorKind::kSlice:
        return expect(in().size() == out().size(), "rank changes");
      case OperatorKind::kGather:
      case OperatorKind::kHost:
        return;
    }
  }

  void convolution() {
    const std::int64_t read = in().at(1);
    const std::int64_t made = out().at(1);
    expect(read % op_->groups == 0 && made % op_->groups == 0, "groups do not divide channels");
    Shape expected{op_->transposed ? read : made, (op_->transposed ? made : read) / op_->groups};
    const bool flat = weight().size() == 3;
    if (!flat) expected.push_back(op_->window.kernel[0]);
    expected.push_back(op_->window.kernel[1]);
    expect_equal(weight(), expected, "weight");
    if (op_->weights.size() > 1) expect_equal(weight(1), {made}, "bias");
    if (op_->transposed || in().size() != 4) return;
    expect_equal(out(), {in()[0], made, swept(in()[2], 0), swept(in()[3], 1)}, "output");
  }

  void fully_connected() {
    Shape sides{in().back(), out().back()};
    Shape lies = weight();
    std::sort(sides.begin(), sides.end());
    std::sort(lies.begin(), lies.end());
    expect_equal(lies, sides, "weight");
    for (std::size_t i = 1; i < op_->weights.size(); ++i) {
      expect(weight(i).back() == out().back() || product(weight(i)) == 1, "bias");
    }
  }

  void elementwise() {
    Shape combined;
    const auto combine = [&](const Shape& operand) {
      if (operand.size() > combined.size()) combined.insert(combined.begin(), operand.size() - combined.size(), 1);
      const std::size_t offset = combined.size() - operand.size();
      for (std::size_t i = 0; i < operand.size(); ++i) {
        std::int64_t& size = combined[offset + i];
        expect(size == operand[i] || size == 1 || operand[i] == 1, "operands do not broadcast");
        size = std::max(size, operand[i]);
      }
    };
    for (std::size_t i = 0; i < op_->inputs.size(); ++i) combine(in(i));
    for (std::size_t i = 0; i < op_->weights.size(); ++i) combine(weight(i));
    expect_equal(combined, out(), "output");
  }

  void concat() {
    const auto axis = static_cast<std::size_t>(op_->axes.at(0));
    Shape joined = in();
    const auto join = [&](const Shape& part) {
      joined.at(axis) += part.at(axis);
      for (std::size_t j = 0; j < joined.size(); ++j) expect(j == axis || joined[j] == part.at(j), "inputs differ");
    };
    for (std::size_t i = 1; i < op_->inputs.size(); ++i) join(in(i));
    for (std::size_t i = 0; i < op_->weights.size(); ++i) join(weight(i));
    expect_equal(joined, out(), "output");
  }

  void reduce() {
    Shape left;
    for (std::size_t i = 0; i < in().size(); ++i) {
      const bool reduced =
          std::find(op_->axes.begin(), op_->axes.end(), static_cast<std::int64_t>(i)) != op_->axes.end();
      if (!reduced) left.push_back(in()[i]);
      if (reduced && in().size() == out().size()) left.push_back(1);
    }
    expect_equal(left, out(), "output");
  }

  const Graph& graph_;
  const Operator* op_ = nullptr;
  std::vector<std::string> faults_;
};

// Every operator, tensor and shape alike; the first difference, or "".
inline std::string difference(const Graph& a, const Graph& b) {
  if (a.name() != b.name()) return "graph names";
  if (a.inputs() != b.inputs() || a.outputs() != b.outputs()) return "inputs or outputs";
  if (a.tensors().size() != b.tensors().size()) return "number of tensors";
  for (std::size_t i = 0; i < a.tensors().size(); ++i) {
    const Tensor& x = a.tensors()[i];
    const Tensor& y = b.tensors()[i];
    if (x.name != y.name || x.shape != y.shape || x.precision != y.precision || x.role != y.role ||
        x.parameters() != y.parameters())
      return x.name;
  }
  if (a.operators().size() != b.operators().size()) return "number of operators";
  for (std::size_t i = 0; i < a.operators().size(); ++i) {
    const Operator& x = a.operators()[i];
    const Operator& y = b.operators()[i];
    const bool alike = x.name == y.name && x.kind == y.kind && x.source_type == y.source_type && x.inputs == y.inputs &&
                       x.weights == y.weights && x.outputs == y.outputs && x.window == y.window &&
                       x.groups == y.groups && x.transposed == y.transposed && x.activation == y.activation &&
                       x.elementwise == y.elementwise && x.axes == y.axes && x.offsets == y.offsets &&
                       x.steps == y.steps;
    if (!alike) return x.name;
  }
  if (a.blocks().size() != b.blocks().size()) return "number of blocks";
  for (std::size_t i = 0; i < a.blocks().size(); ++i) {
    if (a.blocks()[i].name != b.blocks()[i].name || a.blocks()[i].operators != b.blocks()[i].operators)
      return a.blocks()[i].name;
  }
  return "";
}

}  // namespace lanewise::network
