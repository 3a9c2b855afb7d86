// SPDX-License-Identifier: Apache-2.0
// Einsum as the matrix product that it is, pair by pair from the left: sums over axes that one operand has alone,
// transpositions that bring axes of a kind side by side, one product, and the way back.
#include "core/network/onnx/einsum.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/network/onnx/lowerings/lowerings.hpp"

namespace lanewise::network::importing {

namespace {

using Axes = std::vector<std::string>;

bool contains(const Axes& axes, const std::string& axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

// A tensor as it stands so far: its name, and what its axes are called. None of them stands twice.
struct Term {
  std::string tensor;
  Axes axes;
  bool is_weight = false;
};

class Contraction {
 public:
  Contraction(Lowering& lowering, Einsum einsum) : lowering_(lowering), einsum_(std::move(einsum)) {}

  void run() {
    Term sum = operand(0);
    for (std::size_t i = 1; i < einsum_.operands.size(); ++i) {
      sum = multiply(std::move(sum), operand(i), wanted_after(i));
    }
    sum = reduce(std::move(sum), einsum_.output);
    lowering_.set_result(0, arrange(sum, einsum_.output).tensor);
  }

 private:
  Lowering& lowering_;
  Einsum einsum_;

  Shape shape_of(const Axes& axes) const {
    Shape shape;
    for (const std::string& axis : axes) shape.push_back(einsum_.sizes.at(axis));
    return shape;
  }

  std::int64_t count(const Axes& axes) const {
    std::int64_t result = 1;
    for (const std::string& axis : axes) result *= einsum_.sizes.at(axis);
    return result;
  }

  // The axes that the output or an operand behind the n-th still names.
  Axes wanted_after(std::size_t n) const {
    Axes axes = einsum_.output;
    for (std::size_t i = n + 1; i < einsum_.operands.size(); ++i) {
      axes.insert(axes.end(), einsum_.operands[i].begin(), einsum_.operands[i].end());
    }
    return axes;
  }

  // An axis of 1 that is longer in another operand repeats: here it is left out.
  Term operand(std::size_t n) {
    Term term{lowering_.input(n), {}, lowering_.is_weight(n)};
    const Shape& shape = lowering_.shape(n);
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const std::string& axis = einsum_.operands[n][i];
      if (contains(term.axes, axis)) lowering_.fail("takes a diagonal, which is not supported");
      if (shape[i] == einsum_.sizes.at(axis)) term.axes.push_back(axis);
    }
    if (term.axes.size() < shape.size()) term.tensor = reshaped(term.tensor, shape_of(term.axes));
    return term;
  }

  std::string reshaped(const std::string& tensor, const Shape& shape) {
    return lowering_.emit("Reshape", {tensor, lowering_.integers(shape)}, {attribute("allowzero", std::int64_t{1})});
  }

  Term reduce(Term term, const Axes& wanted) {
    Axes kept;
    std::vector<std::int64_t> gone;
    for (std::size_t i = 0; i < term.axes.size(); ++i) {
      if (contains(wanted, term.axes[i])) {
        kept.push_back(term.axes[i]);
      } else {
        gone.push_back(static_cast<std::int64_t>(i));
      }
    }
    if (gone.empty()) return term;
    term.tensor =
        lowering_.emit("ReduceSum", {term.tensor, lowering_.integers(gone)}, {attribute("keepdims", std::int64_t{0})});
    term.axes = std::move(kept);
    return term;
  }

  // In this order, which names the same axes or, beyond those, some that repeat.
  Term arrange(Term term, const Axes& order) {
    std::vector<std::int64_t> permutation;
    Axes own;
    for (const std::string& axis : order) {
      const auto at = std::find(term.axes.begin(), term.axes.end(), axis);
      if (at == term.axes.end()) continue;
      permutation.push_back(at - term.axes.begin());
      own.push_back(axis);
    }
    if (!std::is_sorted(permutation.begin(), permutation.end())) {
      term.tensor = lowering_.emit("Transpose", {term.tensor}, {attribute("perm", permutation)});
    }
    term.axes = own;
    if (own.size() == order.size()) return term;
    Shape wide;
    for (const std::string& axis : order) wide.push_back(contains(own, axis) ? einsum_.sizes.at(axis) : 1);
    term.tensor = reshaped(term.tensor, wide);
    term.axes = order;
    return term;
  }

  Term multiply(Term left, Term right, const Axes& wanted) {
    if (left.is_weight && !right.is_weight) std::swap(left, right);  // constants come from the right
    Axes left_wanted = wanted;
    left_wanted.insert(left_wanted.end(), right.axes.begin(), right.axes.end());
    Axes right_wanted = wanted;
    right_wanted.insert(right_wanted.end(), left.axes.begin(), left.axes.end());
    left = reduce(std::move(left), left_wanted);
    right = reduce(std::move(right), right_wanted);
    Axes batch, rows, columns, depth;
    for (const std::string& axis : left.axes) {
      (!contains(right.axes, axis) ? rows : contains(wanted, axis) ? batch : depth).push_back(axis);
    }
    for (const std::string& axis : right.axes) {
      if (!contains(left.axes, axis)) columns.push_back(axis);
    }
    Axes result = batch;
    result.insert(result.end(), rows.begin(), rows.end());
    result.insert(result.end(), columns.begin(), columns.end());
    const bool weight = left.is_weight && right.is_weight;
    if (depth.empty()) {
      return {lowering_.emit("Mul", {arrange(left, result).tensor, arrange(right, result).tensor}), result, weight};
    }
    return {matrix_product(left, right, batch, rows, columns, depth), result, weight};
  }

  std::string matrix_product(const Term& left, const Term& right, const Axes& batch, const Axes& rows,
                             const Axes& columns, const Axes& depth) {
    const auto as_matrix = [&](const Term& term, const Axes& first, const Axes& second) {
      Axes order = batch;
      order.insert(order.end(), first.begin(), first.end());
      order.insert(order.end(), second.begin(), second.end());
      Shape shape{count(first), count(second)};
      if (!batch.empty()) shape.insert(shape.begin(), count(batch));
      const std::string turned = arrange(term, order).tensor;
      return shape == shape_of(order) ? turned : reshaped(turned, shape);
    };
    const std::string product =
        lowering_.emit("MatMul", {as_matrix(left, rows, depth), as_matrix(right, depth, columns)});
    Axes axes = batch;
    axes.insert(axes.end(), rows.begin(), rows.end());
    axes.insert(axes.end(), columns.begin(), columns.end());
    return axes.size() == 2 + (batch.empty() ? 0U : 1U) && rows.size() == 1 && batch.size() <= 1
               ? product
               : reshaped(product, shape_of(axes));
  }
};

bool lower_einsum(Lowering& lowering) {
  std::vector<Shape> shapes;
  for (int i = 0; i < lowering.proto().input_size(); ++i) shapes.push_back(lowering.shape(static_cast<std::size_t>(i)));
  constexpr int kAllowsZero = 14;
  lowering.use_opset(std::max(lowering.opset(), kAllowsZero));
  try {
    Contraction(lowering, read_einsum(text(lowering.proto(), "equation", ""), shapes)).run();
  } catch (const std::invalid_argument& error) {
    lowering.fail(error.what());
  }
  return true;
}

}  // namespace

const std::vector<LoweringRow>& einsum_lowerings() {
  static const std::vector<LoweringRow> rows = {{"", "Einsum", lower_einsum}};
  return rows;
}

}  // namespace lanewise::network::importing
