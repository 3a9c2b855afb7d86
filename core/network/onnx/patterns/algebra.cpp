// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/patterns/algebra.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/network/onnx/attributes.hpp"

namespace lanewise::network::importing {

namespace {

constexpr double kTolerance = 1e-3;
constexpr double kUnbounded = std::numeric_limits<double>::infinity();

double found_in(const std::vector<std::pair<ValueId, double>>& list, ValueId value) {
  for (const auto& [id, number] : list) {
    if (id == value) return number;
  }
  return 0;
}

void add_to(std::vector<std::pair<ValueId, double>>& list, ValueId value, double number) {
  for (auto entry = list.begin(); entry != list.end(); ++entry) {
    if (entry->first != value) continue;
    entry->second += number;
    if (entry->second == 0) list.erase(entry);
    return;
  }
  list.emplace_back(value, number);
}

bool is(const Node* node, const char* type, std::size_t inputs) {
  return node != nullptr && node->type == type && node->inputs.size() >= inputs && node->inputs[0] != kNone &&
         (inputs < 2 || node->inputs[1] != kNone);
}

}  // namespace

bool near(double a, double b) { return std::fabs(a - b) <= kTolerance * std::max(1.0, std::fabs(b)); }

double Product::power_of(ValueId value) const { return found_in(powers, value); }

double Sum::factor_of(ValueId value) const { return found_in(terms, value); }

bool Algebra::is_inner(ValueId value, int depth) const {
  return depth == 0 || (depth < kDeepest && graph_.sole_reader(value) != nullptr);
}

Product Algebra::product(ValueId value) const {
  Product result;
  multiply(result, value, 1, 0);
  return result;
}

void Algebra::multiply(Product& product, ValueId value, double power, int depth) const {
  if (const std::optional<double> number = graph_.scalar(value)) {
    product.scale *= std::pow(*number, power);
    return;
  }
  const Node* node = is_inner(value, depth) ? graph_.maker(value) : nullptr;
  const bool whole = power == std::floor(power);
  if (is(node, "Mul", 2) && whole) {
    multiply(product, node->inputs[0], power, depth + 1);
    return multiply(product, node->inputs[1], power, depth + 1);
  }
  if (is(node, "Div", 2) && whole) {
    multiply(product, node->inputs[0], power, depth + 1);
    return multiply(product, node->inputs[1], -power, depth + 1);
  }
  if (is(node, "Reciprocal", 1)) return multiply(product, node->inputs[0], -power, depth + 1);
  if (is(node, "Neg", 1) && whole) {
    product.scale *= std::pow(-1.0, power);
    return multiply(product, node->inputs[0], power, depth + 1);
  }
  // What stands under a root is a value of its own: the root of a square is no plain factor.
  if (is(node, "Sqrt", 1)) return add_to(product.powers, node->inputs[0], power / 2);
  if (is(node, "Pow", 2)) {
    if (const std::optional<double> exponent = graph_.scalar(node->inputs[1])) {
      if (*exponent == std::floor(*exponent) && whole) {
        return multiply(product, node->inputs[0], power * *exponent, depth + 1);
      }
      return add_to(product.powers, node->inputs[0], power * *exponent);
    }
  }
  add_to(product.powers, value, power);
}

Sum Algebra::sum(ValueId value) const {
  Sum result;
  accumulate(result, value, 1, 0);
  return result;
}

void Algebra::accumulate(Sum& sum, ValueId value, double factor, int depth) const {
  if (const std::optional<double> number = graph_.scalar(value)) {
    sum.constant += factor * *number;
    return;
  }
  const Node* node = is_inner(value, depth) ? graph_.maker(value) : nullptr;
  const bool adds = is(node, "Add", 2);
  if (adds || is(node, "Sub", 2)) {
    accumulate(sum, node->inputs[0], factor, depth + 1);
    return accumulate(sum, node->inputs[1], adds ? factor : -factor, depth + 1);
  }
  if (is(node, "Neg", 1)) return accumulate(sum, node->inputs[0], -factor, depth + 1);
  if (is(node, "Mul", 2)) {
    for (const std::size_t i : {0U, 1U}) {
      if (const auto number = graph_.scalar(node->inputs[i])) {
        return accumulate(sum, node->inputs[1 - i], factor * *number, depth + 1);
      }
    }
  }
  if (is(node, "Div", 2)) {
    const std::optional<double> divisor = graph_.scalar(node->inputs[1]);
    if (divisor && *divisor != 0) return accumulate(sum, node->inputs[0], factor / *divisor, depth + 1);
  }
  add_to(sum.terms, value, factor);
}

std::optional<Algebra::Polynomial> Algebra::polynomial(ValueId value, ValueId x) const {
  return polynomial(value, x, 0);
}

bool Algebra::is_polynomial(ValueId value, ValueId x, const Polynomial& wanted) const {
  const std::optional<Polynomial> found = polynomial(value, x);
  if (!found) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!near((*found)[i], wanted[i])) return false;
  }
  return true;
}

std::optional<Algebra::Polynomial> Algebra::polynomial(ValueId value, ValueId x, int depth) const {
  if (value == x) return Polynomial{0, 1, 0, 0};
  if (const std::optional<double> number = graph_.scalar(value)) return Polynomial{*number, 0, 0, 0};
  constexpr int kDeepestPolynomial = 8;
  const Node* node = depth < kDeepestPolynomial ? graph_.maker(value) : nullptr;
  return node == nullptr ? std::nullopt : combined(*node, x, depth + 1);
}

std::optional<Algebra::Polynomial> Algebra::combined(const Node& node, ValueId x, int depth) const {
  const bool unary = is(&node, "Neg", 1);
  const bool power = is(&node, "Pow", 2);
  const bool quotient = is(&node, "Div", 2);
  const bool adds = is(&node, "Add", 2);
  const bool takes = is(&node, "Sub", 2);
  const bool multiplies = is(&node, "Mul", 2);
  if (!unary && !power && !quotient && !adds && !takes && !multiplies) return std::nullopt;
  std::optional<Polynomial> a = polynomial(node.inputs[0], x, depth);
  if (!a) return std::nullopt;
  const auto times = [](const Polynomial& left, const Polynomial& right) -> std::optional<Polynomial> {
    Polynomial result{};
    for (std::size_t i = 0; i < left.size(); ++i) {
      for (std::size_t k = 0; k < right.size(); ++k) {
        const double part = left[i] * right[k];
        if (part == 0) continue;
        if (i + k >= result.size()) return std::nullopt;
        result[i + k] += part;
      }
    }
    return result;
  };
  if (unary) return times(*a, {-1, 0, 0, 0});
  const std::optional<double> number = graph_.scalar(node.inputs[1]);
  if (power) {
    if (number == 2.0) return times(*a, *a);
    if (number != 3.0) return std::nullopt;
    const std::optional<Polynomial> square = times(*a, *a);
    return square ? times(*square, *a) : std::nullopt;
  }
  if (quotient) return number && *number != 0 ? times(*a, {1 / *number, 0, 0, 0}) : std::nullopt;
  const std::optional<Polynomial> b = polynomial(node.inputs[1], x, depth);
  if (!b) return std::nullopt;
  if (multiplies) return times(*a, *b);
  for (std::size_t i = 0; i < a->size(); ++i) (*a)[i] += adds ? (*b)[i] : -(*b)[i];
  return a;
}

std::optional<Algebra::Clipped> Algebra::bounds(const Node& node) const {
  if (node.inputs.empty() || node.inputs[0] == kNone) return std::nullopt;
  if (node.type == "Relu") return Clipped{node.inputs[0], 0, kUnbounded};
  if (node.type == "Clip") {
    Clipped result{node.inputs[0], -kUnbounded, kUnbounded};
    for (const bool is_low : {true, false}) {
      double& bound = is_low ? result.low : result.high;
      const std::size_t input = is_low ? 1 : 2;
      if (const onnx::AttributeProto* attribute = find_attribute(*node.proto, is_low ? "min" : "max")) {
        bound = static_cast<double>(attribute->f());
      } else if (input < node.inputs.size() && node.inputs[input] != kNone) {
        const std::optional<double> number = graph_.scalar(node.inputs[input]);
        if (!number) return std::nullopt;
        bound = *number;
      }
    }
    return result;
  }
  if ((node.type != "Min" && node.type != "Max") || node.inputs.size() != 2) return std::nullopt;
  const auto with = graph_.with_scalar(node);
  if (!with) return std::nullopt;
  if (node.type == "Max") return Clipped{with->first, with->second, kUnbounded};
  return Clipped{with->first, -kUnbounded, with->second};
}

std::optional<Algebra::Clipped> Algebra::clipped(ValueId value) const {
  const Node* node = graph_.maker(value);
  if (node == nullptr) return std::nullopt;
  std::optional<Clipped> result = bounds(*node);
  for (int depth = 0; result && depth < kDeepest && graph_.sole_reader(result->x) != nullptr; ++depth) {
    const Node* inner = graph_.maker(result->x);
    const std::optional<Clipped> before = inner == nullptr ? std::nullopt : bounds(*inner);
    if (!before) break;
    // The outer bounds win where they cross.
    result = Clipped{before->x, std::min(std::max(before->low, result->low), result->high),
                     std::max(std::min(before->high, result->high), result->low)};
  }
  return result;
}

std::optional<std::vector<std::int64_t>> Algebra::kept_axes(const Node& reduction) const {
  if (reduction.inputs.empty() || reduction.inputs[0] == kNone) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(network().value(reduction.inputs[0]).shape.size());
  if (integer(*reduction.proto, "keepdims", 1) == 0) return std::nullopt;
  std::vector<std::int64_t> axes = integers(*reduction.proto, "axes");
  if (axes.empty() && reduction.inputs.size() > 1 && reduction.inputs[1] != kNone) {
    const Constant* given = network().constant(reduction.inputs[1]);
    if (given == nullptr) return std::nullopt;
    axes = given->all_whole();
  }
  if (axes.empty()) return std::nullopt;
  for (std::int64_t& axis : axes) {
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank) return std::nullopt;
  }
  std::sort(axes.begin(), axes.end());
  return axes;
}

std::optional<Algebra::Mean> Algebra::mean(ValueId value, double factor) const {
  // A sum over the axes is a mean once it is divided by how many numbers it has.
  const Product scaled = product(value);
  if (scaled.powers.size() != 1 || scaled.powers[0].second != 1) return std::nullopt;
  const Node* node = graph_.maker(scaled.powers[0].first);
  if (node == nullptr || node->inputs.empty() || node->inputs[0] == kNone) return std::nullopt;
  Mean result{node->inputs[0], false, {}};
  const Shape& shape = network().value(node->inputs[0]).shape;
  const bool sums = node->type == "ReduceSum" || node->type == "ReduceSumSquare";
  if (node->type == "GlobalAveragePool") {
    for (std::size_t i = 2; i < shape.size(); ++i) result.axes.push_back(static_cast<std::int64_t>(i));
  } else if (sums || node->type == "ReduceMean") {
    const auto axes = kept_axes(*node);
    if (!axes) return std::nullopt;
    result.axes = *axes;
  } else {
    return std::nullopt;
  }
  double count = 1;
  for (const std::int64_t axis : result.axes) count *= static_cast<double>(shape[static_cast<std::size_t>(axis)]);
  if (!near(factor * scaled.scale * (sums ? count : 1), 1)) return std::nullopt;
  result.squared = node->type == "ReduceSumSquare";
  if (!result.squared) {
    const Product inside = product(result.of);
    if (inside.powers.size() == 1 && inside.powers[0].second == 2 && near(inside.scale, 1)) {
      result = {inside.powers[0].first, true, result.axes};
    }
  }
  return result;
}

}  // namespace lanewise::network::importing
