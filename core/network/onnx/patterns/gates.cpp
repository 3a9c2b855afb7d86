// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/patterns/families.hpp"

namespace lanewise::network::importing {

namespace {

constexpr double kPi = 3.14159265358979;
constexpr double kCubic = 0.044715;  // of GELU's approximation tanh(sqrt(2 / pi) (x + 0.044715 x^3))

class Gates {
 public:
  explicit Gates(Algebra& algebra) : algebra_(algebra), graph_(algebra.graph()) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.outputs.size() != 1) continue;
      if (node.type == "Mul" || node.type == "Div") {
        fold(node, algebra_.product(node.outputs[0]));
      } else if (node.type == "Add") {
        fold_sum(node);
      } else if (node.type == "Clip") {
        // A clip alone may be a hard sigmoid: its factor went into the sum before it.
        fold(node, {1, {{node.outputs[0], 1}}});
      }
    }
  }

 private:
  Algebra& algebra_;
  PatternGraph& graph_;

  // The slope and the offset of a hard sigmoid: clip(slope * x + offset, 0, 1).
  struct Ramp {
    ValueId x = kNone;
    double slope = 0, offset = 0;
  };

  // An activation, and what tells apart those of its type; no type where there is none.
  struct Gated {
    const char* type = nullptr;
    std::vector<onnx::AttributeProto> attributes = {};
  };

  void fold(Node& node, const Product& product) {
    if (product.powers.size() == 1 && product.powers[0].second == 1) {
      if (const std::optional<Ramp> found = ramp(product.powers[0].first, product.scale)) {
        graph_.replace(node, "HardSigmoid", {found->x},
                       {attribute("alpha", found->slope), attribute("beta", found->offset)});
      }
      return;
    }
    if (product.powers.size() != 2) return;
    for (const std::size_t i : {0U, 1U}) {
      const auto& [x, power] = product.powers[i];
      const auto& [gate, gate_power] = product.powers[1 - i];
      if (power != 1) continue;
      const Gated found = gate_power == 1    ? multiplied(x, gate, product.scale)
                          : gate_power == -1 ? divided(x, gate, product.scale)
                                             : Gated{};
      if (found.type != nullptr && graph_.replace(node, found.type, {x}, found.attributes)) return;
    }
  }

  // The activation that is scale * x * gate.
  Gated multiplied(ValueId x, ValueId gate, double scale) const {
    if (near(scale, 1)) {
      if (const Node* sigmoid = graph_.made_by(gate, "Sigmoid")) return by_sigmoid(sigmoid->inputs[0], x);
      if (const Node* tanh = graph_.made_by(gate, "Tanh")) {
        const Node* inner = graph_.made_by(tanh->inputs[0], "Softplus");
        if (inner != nullptr && inner->inputs[0] == x) return {"Mish"};
      }
    }
    if (const std::optional<Ramp> found = ramp(gate, scale)) {
      const bool is_swish = found->x == x && near(found->slope, 1.0 / 6) && near(found->offset, 0.5);
      return is_swish ? Gated{"HardSwish"} : Gated{};
    }
    const Sum sum = algebra_.sum(gate);
    return is_normal_distribution(sum, x, scale) ? gelu(sum.terms[0].first) : Gated{};
  }

  // x / (1 + exp(-x)), x / (1 + |x|).
  Gated divided(ValueId x, ValueId gate, double scale) const {
    const Sum sum = algebra_.sum(gate);
    if (!near(scale, 1) || !near(sum.constant, 1) || sum.terms.size() != 1 || sum.terms[0].second != 1) return {};
    const Node* absolute = graph_.made_by(sum.terms[0].first, "Abs");
    if (absolute != nullptr && absolute->inputs[0] == x) return {"Softsign"};
    const Node* exponential = graph_.made_by(sum.terms[0].first, "Exp");
    if (exponential == nullptr) return {};
    const auto inside = algebra_.polynomial(exponential->inputs[0], x);
    return inside && (*inside)[0] == 0 && (*inside)[1] < 0 ? by_slope(*inside, -1) : Gated{};
  }

  // x * sigmoid(b x), whatever b is; with the cubic term it is GELU's approximation, as 1 + tanh(u) is 2 sigmoid(2 u).
  Gated by_sigmoid(ValueId inside, ValueId x) const {
    const auto found = algebra_.polynomial(inside, x);
    return found && (*found)[0] == 0 && (*found)[1] > 0 ? by_slope(*found, 1) : Gated{};
  }

  static Gated by_slope(const Algebra::Polynomial& inside, double sign) {
    constexpr double kQuick = 1.702;
    const double slope = sign * inside[1];
    const double cubic = sign * inside[3];
    if (inside[2] != 0) return {};
    if (cubic == 0 && near(slope, kQuick)) return {"Gelu", {attribute("approximate", "quick")}};
    if (cubic == 0) return {"Silu", {attribute("alpha", slope)}};
    const double full = 2 * std::sqrt(2 / kPi);
    const bool is_gelu = near(slope, full) && near(cubic, full * kCubic);
    return is_gelu ? Gated{"Gelu", {attribute("approximate", "tanh")}} : Gated{};
  }

  // scale * clip(…) as the ramp from 0 to 1.
  std::optional<Ramp> ramp(ValueId value, double scale) const {
    if (const Node* hard = graph_.made_by(value, "HardSigmoid")) {
      if (!near(scale, 1)) return std::nullopt;
      return Ramp{hard->inputs[0], real(*hard->proto, "alpha", 0.2), real(*hard->proto, "beta", 0.5)};
    }
    const std::optional<Algebra::Clipped> clip = algebra_.clipped(value);
    if (!clip || clip->low != 0 || !near(clip->high * scale, 1)) return std::nullopt;
    const Sum sum = algebra_.sum(clip->x);
    if (sum.terms.size() != 1 || !(sum.constant > 0) || !(sum.terms[0].second > 0)) return std::nullopt;
    return Ramp{sum.terms[0].first, sum.terms[0].second * scale, sum.constant * scale};
  }

  // scale * sum = 1/2 (1 + erf(x / sqrt 2)), or 1/2 (1 + tanh(…)).
  bool is_normal_distribution(const Sum& sum, ValueId x, double scale) const {
    if (sum.terms.size() != 1 || !near(sum.constant * scale, 0.5) || !near(sum.terms[0].second * scale, 0.5)) {
      return false;
    }
    return is_error_function(sum.terms[0].first, x);
  }

  // By the error function itself, or by what stands for it.
  Gated gelu(ValueId error_function) const {
    const bool by_tanh = graph_.made_by(error_function, "Tanh") != nullptr;
    return {"Gelu", {attribute("approximate", by_tanh ? "tanh" : "none")}};
  }

  bool is_error_function(ValueId value, ValueId x) const {
    if (const Node* erf = graph_.made_by(value, "Erf")) {
      return algebra_.is_polynomial(erf->inputs[0], x, {0, std::sqrt(0.5), 0, 0});
    }
    const Node* tanh = graph_.made_by(value, "Tanh");
    const double slope = std::sqrt(2 / kPi);
    return tanh != nullptr && algebra_.is_polynomial(tanh->inputs[0], x, {0, slope, 0, slope * kCubic});
  }

  // h + h * erf(…) with h = x / 2.
  void fold_sum(Node& node) {
    if (node.inputs.size() != 2 || node.inputs[0] == kNone || node.inputs[1] == kNone) return;
    for (const std::size_t i : {0U, 1U}) {
      const ValueId half = node.inputs[i];
      const Product whole = algebra_.product(node.inputs[1 - i]);
      const Product x = algebra_.product(half);
      if (whole.powers.size() != 2 || !near(whole.scale, 1) || x.powers.size() != 1 || !near(x.scale, 0.5)) continue;
      const ValueId other = whole.powers[whole.powers[0].first == half ? 1 : 0].first;
      const bool gated = whole.power_of(half) == 1 && whole.power_of(other) == 1 && x.powers[0].second == 1;
      if (!gated || !is_error_function(other, x.powers[0].first)) continue;
      if (graph_.replace(node, "Gelu", {x.powers[0].first}, gelu(other).attributes)) return;
    }
  }
};

}  // namespace

void fold_gates(Algebra& algebra) { Gates(algebra).run(); }

}  // namespace lanewise::network::importing
