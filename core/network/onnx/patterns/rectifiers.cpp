// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/patterns/families.hpp"

namespace lanewise::network::importing {

namespace {

constexpr double kNoBound = 1e30;  // bounds beyond this are none

class Rectifiers {
 public:
  explicit Rectifiers(Algebra& algebra) : algebra_(algebra), graph_(algebra.graph()) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.outputs.size() != 1) continue;
      if (node.type == "Add" || node.type == "Sub") {
        fold_sum(node);
      } else if (node.type == "Max") {
        fold_maximum(node);
      } else if (node.type == "Where") {
        fold_choice(node);
      }
    }
  }

 private:
  Algebra& algebra_;
  PatternGraph& graph_;

  // What is left of x below or above 0, times a factor.
  struct Part {
    ValueId x = kNone;
    double factor = 1;
    ValueId slope = kNone;  // a constant for each channel
  };

  bool leaky(Node& node, ValueId x, double slope) {
    return slope > 0 && slope < 1 && graph_.replace(node, "LeakyRelu", {x}, {attribute("alpha", slope)});
  }

  // max(x, slope * x).
  void fold_maximum(Node& node) {
    if (node.inputs.size() != 2) return;
    for (const std::size_t i : {0U, 1U}) {
      const auto other = algebra_.polynomial(node.inputs[1 - i], node.inputs[i]);
      const bool scales = other && (*other)[0] == 0 && (*other)[2] == 0 && (*other)[3] == 0;
      if (scales && leaky(node, node.inputs[i], (*other)[1])) return;
    }
  }

  // where(x > 0, x, slope * x), or the other way round.
  void fold_choice(Node& node) {
    if (node.inputs.size() != 3) return;
    const Node* test = graph_.maker(node.inputs[0]);
    if (test == nullptr || test->inputs.size() != 2) return;
    const bool greater = test->type == "Greater" || test->type == "GreaterOrEqual";
    const bool less = test->type == "Less" || test->type == "LessOrEqual";
    if (!greater && !less) return;
    const bool zero_right = graph_.scalar(test->inputs[1]) == 0.0;
    if (!zero_right && graph_.scalar(test->inputs[0]) != 0.0) return;
    const ValueId x = test->inputs[zero_right ? 0 : 1];
    const bool positive_first = greater == zero_right;
    if (node.inputs[positive_first ? 1 : 2] != x) return;
    const ValueId below = node.inputs[positive_first ? 2 : 1];
    const auto scaled = algebra_.polynomial(below, x);
    if (scaled && (*scaled)[0] == 0 && (*scaled)[2] == 0 && (*scaled)[3] == 0) {
      leaky(node, x, (*scaled)[1]);
      return;
    }
    if (const std::optional<Part> part = scaled_by_constant(below); part && part->x == x && part->factor == 1) {
      graph_.replace(node, "PRelu", {x, part->slope});
    }
  }

  // max(x, 0) + slope * min(x, 0), where the second may be written -relu(-x) or (x - |x|) / 2.
  void fold_sum(Node& node) {
    const Sum sum = algebra_.sum(node.outputs[0]);
    if (sum.constant != 0 || fold_absolute(node, sum) || sum.terms.size() != 2) return;
    for (const std::size_t i : {0U, 1U}) {
      const std::optional<Algebra::Clipped> above = algebra_.clipped(sum.terms[i].first);
      if (!above || above->low != 0 || above->high < kNoBound || sum.terms[i].second != 1) continue;
      const ValueId x = above->x;
      const std::optional<Part> below = negative_part(sum.terms[1 - i].first, sum.terms[1 - i].second);
      if (!below || below->x != x) continue;
      if (below->slope == kNone ? leaky(node, x, below->factor)
                                : near(below->factor, 1) && graph_.replace(node, "PRelu", {x, below->slope})) {
        return;
      }
    }
  }

  // p x + q |x| + r max(x, 0) with p + q + r = 1: p - q is the slope below 0.
  bool fold_absolute(Node& node, const Sum& sum) {
    const auto absolute = std::find_if(sum.terms.begin(), sum.terms.end(),
                                       [&](const auto& term) { return graph_.made_by(term.first, "Abs") != nullptr; });
    if (absolute == sum.terms.end() || sum.terms.size() > 3) return false;
    const ValueId x = graph_.maker(absolute->first)->inputs[0];
    double linear = 0, above = 0;
    for (const auto& [value, factor] : sum.terms) {
      if (value == absolute->first) continue;
      const std::optional<Algebra::Clipped> clip = algebra_.clipped(value);
      if (value == x) {
        linear = factor;
      } else if (clip && clip->x == x && clip->low == 0 && clip->high > kNoBound) {
        above = factor;
      } else {
        return false;
      }
    }
    return near(linear + absolute->second + above, 1) && leaky(node, x, linear - absolute->second);
  }

  // factor * slope * value for one constant slope.
  std::optional<Part> scaled_by_constant(ValueId value) const {
    const Product product = algebra_.product(value);
    if (product.powers.size() != 2) return std::nullopt;
    for (const std::size_t i : {0U, 1U}) {
      if (!algebra_.network().is_weight(product.powers[i].first)) continue;
      if (product.powers[0].second != 1 || product.powers[1].second != 1) continue;
      return Part{product.powers[1 - i].first, product.scale, product.powers[i].first};
    }
    return std::nullopt;
  }

  // factor * min(x, 0), perhaps times a slope for each channel.
  std::optional<Part> negative_part(ValueId value, double factor) const {
    Part part;
    if (const std::optional<Part> scaled = scaled_by_constant(value)) {
      part = *scaled;
    } else {
      const Product product = algebra_.product(value);
      if (product.powers.size() != 1 || product.powers[0].second != 1) return std::nullopt;
      part = {product.powers[0].first, product.scale, kNone};
    }
    part.factor *= factor;
    const std::optional<Algebra::Clipped> clip = algebra_.clipped(part.x);
    if (clip && clip->high == 0 && clip->low < -kNoBound) {
      part.x = clip->x;
      return part;
    }
    if (clip && clip->low == 0 && clip->high > kNoBound) {  // relu(-x) = -min(x, 0)
      const Sum inside = algebra_.sum(clip->x);
      if (inside.terms.size() != 1 || inside.constant != 0 || inside.terms[0].second != -1) return std::nullopt;
      part.x = inside.terms[0].first;
      part.factor = -part.factor;
      return part;
    }
    const Sum difference = algebra_.sum(part.x);  // x - |x| = 2 min(x, 0)
    if (difference.terms.size() != 2 || difference.constant != 0) return std::nullopt;
    for (const std::size_t i : {0U, 1U}) {
      const Node* absolute = graph_.made_by(difference.terms[1 - i].first, "Abs");
      const auto& [x, one] = difference.terms[i];
      if (absolute == nullptr || absolute->inputs[0] != x || !near(difference.terms[1 - i].second, -one)) continue;
      part.x = x;
      part.factor *= 2 * one;
      return part;
    }
    return std::nullopt;
  }
};

}  // namespace

void fold_rectifiers(Algebra& algebra) { Rectifiers(algebra).run(); }

}  // namespace lanewise::network::importing
