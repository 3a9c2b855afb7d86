// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/patterns/families.hpp"

namespace lanewise::network::importing {

namespace {

class Softmaxes {
 public:
  explicit Softmaxes(Algebra& algebra) : algebra_(algebra), graph_(algebra.graph()) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.outputs.size() != 1) continue;
      if (node.type == "Div" || node.type == "Mul") {
        quotient(node);
      } else if (node.type == "Sub" || node.type == "Add") {
        logarithm(node);
      } else if (node.type == "Log") {
        const Node* softmax = graph_.made_by(node.inputs[0], "Softmax");
        if (softmax != nullptr && softmax->opset == node.opset && graph_.sole_reader(node.inputs[0]) != nullptr) {
          graph_.replace(node, "LogSoftmax", {softmax->inputs[0]},
                         {softmax->proto->attribute().begin(), softmax->proto->attribute().end()});
        }
      }
    }
  }

 private:
  Algebra& algebra_;
  PatternGraph& graph_;

  static constexpr int kOneAxis = 13;  // from this operator set on a softmax is over one axis

  // exp(u) / sum(exp(u)), where u may be x less its greatest.
  void quotient(Node& node) {
    const Product product = algebra_.product(node.outputs[0]);
    if (product.powers.size() != 2 || !near(product.scale, 1)) return;
    for (const std::size_t i : {0U, 1U}) {
      const auto& [above, power] = product.powers[i];
      const auto& [below, other] = product.powers[1 - i];
      const Node* exponential = graph_.made_by(above, "Exp");
      if (exponential == nullptr || power != 1 || other != -1) continue;
      const std::optional<std::int64_t> axis = summed(below, above);
      if (axis) return become(node, "Softmax", shifted(exponential->inputs[0], *axis), *axis);
    }
  }

  // u - log(sum(exp(u))).
  void logarithm(Node& node) {
    const Sum sum = algebra_.sum(node.outputs[0]);
    if (sum.constant != 0) return;
    for (const auto& [value, factor] : sum.terms) {
      const Node* log = factor == -1 ? graph_.made_by(value, "Log") : nullptr;
      const Node* total = log == nullptr ? nullptr : graph_.maker(log->inputs[0]);
      const Node* exponential = total == nullptr || total->inputs.empty() ? nullptr : graph_.maker(total->inputs[0]);
      if (exponential == nullptr || exponential->type != "Exp") continue;
      const std::optional<std::int64_t> axis = summed(log->inputs[0], exponential->outputs[0]);
      if (!axis) continue;
      // The rest of the sum is what the exponential is taken of.
      Sum rest = sum;
      const Sum inside = algebra_.sum(exponential->inputs[0]);
      const bool is_whole = sum.terms.size() == 2 && sum.factor_of(exponential->inputs[0]) == 1;
      bool is_same = inside.terms.size() + 1 == sum.terms.size();
      for (const auto& [term, times] : inside.terms) is_same = is_same && rest.factor_of(term) == times;
      if (is_whole || is_same) return become(node, "LogSoftmax", shifted(exponential->inputs[0], *axis), *axis);
    }
  }

  // The only axis over which `value` sums up `of`; a small number that keeps the sum from 0 may be added.
  std::optional<std::int64_t> summed(ValueId value, ValueId of) const {
    constexpr double kSmall = 1e-3;
    const Sum sum = algebra_.sum(value);
    if (sum.terms.size() != 1 || sum.terms[0].second != 1 || sum.constant < 0 || sum.constant > kSmall) {
      return std::nullopt;
    }
    const Node* reduction = graph_.made_by(sum.terms[0].first, "ReduceSum");
    if (reduction == nullptr || reduction->inputs[0] != of) return std::nullopt;
    const auto axes = algebra_.kept_axes(*reduction);
    return axes && axes->size() == 1 ? std::optional(axes->front()) : std::nullopt;
  }

  // x of x - max(x).
  ValueId shifted(ValueId value, std::int64_t axis) const {
    const Sum sum = algebra_.sum(value);
    for (const auto& [term, factor] : sum.terms) {
      const Node* greatest = factor == -1 ? graph_.made_by(term, "ReduceMax") : nullptr;
      const auto axes = greatest == nullptr ? std::nullopt : algebra_.kept_axes(*greatest);
      if (!axes || *axes != std::vector<std::int64_t>{axis} || sum.constant != 0) continue;
      const ValueId x = greatest->inputs[0];
      if (sum.terms.size() == 2 && sum.factor_of(x) == 1) return x;
      const Node* difference = graph_.made_by(value, "Sub");
      if (difference != nullptr && difference->inputs[0] == x && difference->inputs[1] == term) return x;
    }
    return value;
  }

  void become(Node& node, const char* type, ValueId x, std::int64_t axis) {
    const auto rank = static_cast<std::int64_t>(algebra_.network().value(x).shape.size());
    if (node.opset < kOneAxis && axis != rank - 1) return;  // the name means several axes there
    graph_.replace(node, type, {x}, {attribute("axis", axis)});
  }
};

}  // namespace

void fold_softmax(Algebra& algebra) { Softmaxes(algebra).run(); }

}  // namespace lanewise::network::importing
