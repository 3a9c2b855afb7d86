// SPDX-License-Identifier: Apache-2.0
// Expressions in normal form, so that a pattern is written once and holds for every order of operands and for every way
// to spell a quotient, a root or a difference.
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "core/network/onnx/pattern_graph.hpp"

namespace lanewise::network::importing {

// Exporters write constants in single or half precision.
bool near(double a, double b);

// scale * the product of values, each to a power: x / sqrt(v) is {x, 1}, {v, -0.5}.
struct Product {
  double scale = 1;
  std::vector<std::pair<ValueId, double>> powers;

  double power_of(ValueId value) const;  // 0 where it is no factor
};

// constant + the sum of values, each with a factor.
struct Sum {
  double constant = 0;
  std::vector<std::pair<ValueId, double>> terms;

  double factor_of(ValueId value) const;  // 0 where it is no term
};

class Algebra {
 public:
  explicit Algebra(PatternGraph& graph) : graph_(graph) {}

  PatternGraph& graph() { return graph_; }
  const Network& network() const { return graph_.network(); }

  // The value as a product. Multiplications, divisions, roots and powers are taken apart as long as nothing else reads
  // what is between them; the value itself always is.
  Product product(ValueId value) const;
  // The value as a sum, likewise.
  Sum sum(ValueId value) const;
  // c0 + c1 x + c2 x^2 + c3 x^3 where the value is such a polynomial.
  using Polynomial = std::array<double, 4>;
  std::optional<Polynomial> polynomial(ValueId value, ValueId x) const;
  // Whether the value is this polynomial of x.
  bool is_polynomial(ValueId value, ValueId x, const Polynomial& wanted) const;

  // min(max(x, low), high), however it is spelled: Clip, Relu, Min, Max.
  struct Clipped {
    ValueId x = kNone;
    double low = 0, high = 0;
  };
  std::optional<Clipped> clipped(ValueId value) const;
  // factor * value as the mean over axes that are kept as 1: of a value, or of its square.
  struct Mean {
    ValueId of = kNone;
    bool squared = false;  // `of` is what is squared
    std::vector<std::int64_t> axes;
  };
  std::optional<Mean> mean(ValueId value, double factor = 1) const;

  // The axes of a reduction, ascending; nothing where they are not known or not kept.
  std::optional<std::vector<std::int64_t>> kept_axes(const Node& reduction) const;

 private:
  PatternGraph& graph_;

  static constexpr int kDeepest = 12;

  bool is_inner(ValueId value, int depth) const;
  void multiply(Product& product, ValueId value, double power, int depth) const;
  void accumulate(Sum& sum, ValueId value, double factor, int depth) const;
  std::optional<Polynomial> polynomial(ValueId value, ValueId x, int depth) const;
  std::optional<Polynomial> combined(const Node& node, ValueId x, int depth) const;
  std::optional<Clipped> bounds(const Node& node) const;
};

}  // namespace lanewise::network::importing
