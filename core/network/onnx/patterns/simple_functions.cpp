// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/patterns/families.hpp"

namespace lanewise::network::importing {

namespace {

class SimpleFunctions {
 public:
  explicit SimpleFunctions(Algebra& algebra) : algebra_(algebra), graph_(algebra.graph()) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.outputs.size() != 1) continue;
      if (node.type == "Min" || node.type == "Max" || node.type == "Clip") {
        clip(node);
      } else if (node.type == "Div" || node.type == "Reciprocal" || node.type == "Pow") {
        sigmoid(node);
      } else if (node.type == "Log") {
        softplus(node);
      }
    }
  }

 private:
  Algebra& algebra_;
  PatternGraph& graph_;

  // One Clip for bounds that are set one after another.
  void clip(Node& node) {
    const std::optional<Algebra::Clipped> found = algebra_.clipped(node.outputs[0]);
    if (!found || (node.type == "Clip" && found->x == node.inputs[0])) return;
    std::vector<onnx::AttributeProto> attributes;
    if (std::isfinite(found->low)) attributes.push_back(attribute("min", found->low));
    if (std::isfinite(found->high)) attributes.push_back(attribute("max", found->high));
    graph_.replace(node, "Clip", {found->x}, attributes);
  }

  // 1 / (1 + exp(-x)); the value of -x where no operator negates x.
  void sigmoid(Node& node) {
    const Product product = algebra_.product(node.outputs[0]);
    if (product.powers.size() != 1 || product.powers[0].second != -1 || !near(product.scale, 1)) return;
    const Node* exponential = exponential_beside_one(product.powers[0].first);
    if (exponential == nullptr) return;
    const Sum inside = algebra_.sum(exponential->inputs[0]);
    if (inside.terms.size() == 1 && inside.constant == 0 && inside.terms[0].second == -1) {
      graph_.replace(node, "Sigmoid", {inside.terms[0].first});
    }
  }

  // The Exp of 1 + exp(…).
  const Node* exponential_beside_one(ValueId value) const {
    const Sum sum = algebra_.sum(value);
    if (sum.terms.size() != 1 || sum.terms[0].second != 1 || !near(sum.constant, 1)) return nullptr;
    return graph_.made_by(sum.terms[0].first, "Exp");
  }

  // log(1 + exp(x)).
  void softplus(Node& node) {
    if (const Node* exponential = exponential_beside_one(node.inputs[0])) {
      graph_.replace(node, "Softplus", {exponential->inputs[0]});
    }
  }
};

}  // namespace

void fold_simple_functions(Algebra& algebra) { SimpleFunctions(algebra).run(); }

}  // namespace lanewise::network::importing
