// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/patterns.hpp"
#include "core/network/onnx/patterns/families.hpp"

namespace lanewise::network::importing {

namespace {

class Normalizations {
 public:
  explicit Normalizations(Algebra& algebra) : algebra_(algebra), graph_(algebra.graph()) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.outputs.size() != 1) continue;
      if (node.type == "Mul" || node.type == "Div") {
        fold_product(node);
      } else if (node.type == "Add" || node.type == "Sub") {
        fold_shifted(node);
      }
    }
  }

 private:
  Algebra& algebra_;
  PatternGraph& graph_;

  // What is normalized, over which axes, and the constants that scale and shift it.
  struct Form {
    ValueId x = kNone;
    std::vector<std::int64_t> axes;
    ValueId scale = kNone, shift = kNone;
    bool centred = true;  // whether the mean is subtracted
    double epsilon = 0;   // what keeps the root away from 0
  };

  // What is added to the value, a variance, or bounds it from below.
  double raised_by(ValueId value) const {
    const std::optional<Algebra::Clipped> clip = algebra_.clipped(value);
    return clip && clip->low > 0 ? clip->low : algebra_.sum(value).constant;
  }

  bool is_parameter(ValueId value) const { return algebra_.network().is_weight(value); }

  // (x - mean(x)) * variance^-0.5 * scale, or x * mean(x^2)^-0.5 * scale.
  void fold_product(Node& node) {
    const Product product = algebra_.product(node.outputs[0]);
    if (!near(product.scale, 1) || product.powers.size() < 2 || product.powers.size() > 3) return;
    Form form;
    ValueId spread = kNone;
    ValueId top = kNone;
    for (const auto& [value, power] : product.powers) {
      if (power == 1 && is_parameter(value) && form.scale == kNone) {
        form.scale = value;
      } else if (power == -0.5 && spread == kNone) {
        spread = value;
      } else if (power == 1 && top == kNone) {
        top = value;
      } else if (power == -1 && spread == kNone) {
        spread = under_root(value);
        if (spread == kNone) return;
      } else {
        return;
      }
    }
    if (spread == kNone || top == kNone) return;
    Node* last = &node;
    if (const auto centre = centred(top)) {
      form.x = centre->of;
      form.axes = centre->axes;
      if (!is_variance(spread, form)) return;
      form.epsilon = raised_by(spread);
      finish(last, form);
    } else if (const auto square = mean_of_squares(spread); square && square->of == top) {
      form.x = top;
      form.axes = square->axes;
      form.centred = false;
      form.epsilon = raised_by(spread);
      finish(last, form);
    }
  }

  // Where a root is read more than once it is a value of its own: sqrt(v) as it is, or not less than a small number.
  ValueId under_root(ValueId value) const {
    if (const std::optional<Algebra::Clipped> clip = algebra_.clipped(value); clip && clip->low >= 0) value = clip->x;
    const Node* root = graph_.maker(value);
    if (root == nullptr || root->inputs.empty()) return kNone;
    if (root->type == "Sqrt") return root->inputs[0];
    return root->type == "Pow" && root->inputs.size() == 2 && graph_.scalar(root->inputs[1]) == 0.5 ? root->inputs[0]
                                                                                                    : kNone;
  }

  // x * r + (shift - mean(x) * r), with r = variance^-0.5 * scale.
  void fold_shifted(Node& node) {
    const Sum sum = algebra_.sum(node.outputs[0]);
    if (sum.constant != 0 || sum.terms.size() < 2 || sum.terms.size() > 3) return;
    Form form;
    std::vector<ValueId> added, taken;
    for (const auto& [value, factor] : sum.terms) {
      if (factor == 1 && is_parameter(value)) {
        form.shift = value;
      } else if (factor == 1) {
        added.push_back(value);
      } else if (factor == -1) {
        taken.push_back(value);
      }
    }
    if (added.size() != 1 || taken.size() != 1) return;
    const Product plus = algebra_.product(added[0]);
    const Product minus = algebra_.product(taken[0]);
    if (!near(plus.scale, minus.scale) || plus.powers.size() != minus.powers.size()) return;
    // The factors that only one of them has are x and its mean.
    Product shared;
    shared.scale = plus.scale;
    ValueId x = kNone;
    for (const auto& [value, power] : plus.powers) {
      if (minus.power_of(value) == power) {
        multiply_expanded(shared, value, power);
      } else if (power == 1 && x == kNone) {
        x = value;
      } else {
        return;
      }
    }
    for (const auto& [value, power] : minus.powers) {
      if (plus.power_of(value) == power) continue;
      const auto mean = algebra_.mean(value);
      if (power != 1 || !mean || mean->squared || mean->of != x || !form.axes.empty()) return;
      form.axes = mean->axes;
    }
    form.x = x;
    if (x == kNone || form.axes.empty() || !near(shared.scale, 1)) return;
    ValueId spread = kNone;
    for (const auto& [value, power] : shared.powers) {
      if (power == 1 && is_parameter(value) && form.scale == kNone) {
        form.scale = value;
      } else if (power == -0.5 && spread == kNone) {
        spread = value;
      } else {
        return;
      }
    }
    if (spread == kNone || !is_variance(spread, form)) return;
    form.epsilon = raised_by(spread);
    Node* last = &node;
    finish(last, form);
  }

  // The factors of a value that is read twice, once as what multiplies x and once as what multiplies its mean.
  void multiply_expanded(Product& product, ValueId value, double power) const {
    const Product inner = algebra_.product(value);
    product.scale *= inner.scale;
    for (const auto& [factor, times] : inner.powers) {
      product.powers.emplace_back(factor, times * power);
      const Product deeper = times == 1 && factor != value ? algebra_.product(factor) : Product{};
      if (deeper.powers.size() == 1 && deeper.powers[0].second == -0.5 && deeper.scale == 1) {
        product.powers.back() = {deeper.powers[0].first, -0.5 * power};
      }
    }
  }

  // x - mean(x) as its mean.
  std::optional<Algebra::Mean> centred(ValueId value) const {
    const Sum sum = algebra_.sum(value);
    if (sum.constant != 0 || sum.terms.size() != 2) return std::nullopt;
    for (const std::size_t i : {0U, 1U}) {
      const auto& [x, plus] = sum.terms[i];
      const auto& [mean_value, minus] = sum.terms[1 - i];
      const auto mean = plus == 1 && minus < 0 ? algebra_.mean(mean_value, -minus) : std::nullopt;
      if (mean && !mean->squared && mean->of == x) return mean;
    }
    return std::nullopt;
  }

  // mean(y^2) + epsilon as the mean; a bound from below may stand for epsilon.
  std::optional<Algebra::Mean> mean_of_squares(ValueId value) const {
    constexpr double kLargestEpsilon = 0.1;
    if (const std::optional<Algebra::Clipped> clip = algebra_.clipped(value);
        clip && clip->low >= 0 && clip->low < kLargestEpsilon) {
      value = clip->x;
    }
    const Sum sum = algebra_.sum(value);
    if (sum.terms.size() != 1 || sum.constant < 0 || sum.constant > kLargestEpsilon) return std::nullopt;
    return squares(algebra_.mean(sum.terms[0].first, sum.terms[0].second));
  }

  static std::optional<Algebra::Mean> squares(std::optional<Algebra::Mean> mean) {
    return mean && mean->squared ? mean : std::nullopt;
  }

  // Whether the value is the variance of x over the axes, plus epsilon: mean((x - mean)^2) or mean(x^2) - mean(x)^2.
  bool is_variance(ValueId value, const Form& form) const {
    if (const auto square = mean_of_squares(value)) {
      const auto centre = centred(square->of);
      return centre && centre->of == form.x && centre->axes == form.axes && square->axes == form.axes;
    }
    const Sum sum = algebra_.sum(value);
    if (sum.terms.size() != 2) return false;
    for (const std::size_t i : {0U, 1U}) {
      const auto square = squares(algebra_.mean(sum.terms[i].first, sum.terms[i].second));
      const Product product = algebra_.product(sum.terms[1 - i].first);
      if (!square || square->of != form.x || !near(product.scale * sum.terms[1 - i].second, -1)) continue;
      if (product.powers.size() != 1 || product.powers[0].second != 2) continue;
      const auto mean = algebra_.mean(product.powers[0].first);
      if (mean && !mean->squared && mean->of == form.x && mean->axes == form.axes) return true;
    }
    return false;
  }

  bool is_last_vector(ValueId parameter, ValueId x) const {
    return algebra_.network().value(parameter).shape == Shape{algebra_.network().value(x).shape.back()};
  }

  // Rewrites the last node of the form; over the last axis with the scale and shift that follow.
  void finish(Node* last, Form form) {
    const auto rank = static_cast<std::int64_t>(algebra_.network().value(form.x).shape.size());
    const bool over_last = form.axes == std::vector<std::int64_t>{rank - 1};
    if (!over_last) {
      // Constants for each channel fold into its last sweep by themselves; within the form there is no place for them.
      if (form.scale == kNone && form.shift == kNone) {
        graph_.replace(*last, "MeanVarianceNormalization", {form.x},
                       {attribute("axes", form.axes), attribute("epsilon", form.epsilon)});
      }
      return;
    }
    if (form.scale != kNone && !is_last_vector(form.scale, form.x)) return;
    if (form.shift != kNone && !is_last_vector(form.shift, form.x)) return;
    if (form.scale == kNone && form.shift == kNone) form.scale = extend(last, "Mul", form.x);
    if (form.scale != kNone && form.shift == kNone) form.shift = extend(last, "Add", form.x);
    std::vector<ValueId> inputs{form.x};
    if (form.scale != kNone) inputs.push_back(form.scale);
    if (form.shift != kNone) inputs.resize(2, kNone);
    if (form.shift != kNone) inputs.push_back(form.shift);
    graph_.replace(*last, "LayerNormalization", std::move(inputs),
                   {attribute("axis", std::int64_t{-1}), attribute("epsilon", form.epsilon),
                    attribute(kCentred, std::int64_t{form.centred ? 1 : 0})});
  }

  // Steps to the only reader when it is of this type and its other operand a vector along the last axis of x.
  ValueId extend(Node*& last, const char* type, ValueId x) {
    Node* reader = graph_.sole_reader(last->outputs[0]);
    if (reader == nullptr || reader->type != type || reader->inputs.size() != 2) return kNone;
    const ValueId operand = reader->inputs[reader->inputs[0] == last->outputs[0] ? 1 : 0];
    if (operand == kNone || !is_parameter(operand) || !is_last_vector(operand, x)) return kNone;
    last = reader;
    return operand;
  }
};

constexpr double kUsualEpsilon = 1e-5;  // ONNX's own default

// Reshape to [N, groups, rest], normalize each row, reshape back, perhaps times and plus a number for each channel.
class GroupNormalizations {
 public:
  explicit GroupNormalizations(PatternGraph& graph) : graph_(graph) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.type == "Reshape" && node.outputs.size() == 1) fold(node);
    }
  }

 private:
  PatternGraph& graph_;
  std::map<std::pair<ValueId, std::int64_t>, ValueId> vectors_;

  // Whether the node normalizes every row of [N, groups, …].
  bool normalizes_rows(const Node& node) const {
    const Network& network = graph_.network();
    const auto rank = static_cast<std::int64_t>(network.value(node.inputs[0]).shape.size());
    if (node.type == "InstanceNormalization") return rank >= 3;
    if (node.type == "LayerNormalization") {
      const std::int64_t axis = integer(*node.proto, "axis", -1);
      return rank >= 3 && (axis < 0 ? axis + rank : axis) == 2 && node.inputs.size() == 1;
    }
    if (node.type != "MeanVarianceNormalization" || rank < 3) return false;
    const std::vector<std::int64_t> axes = integers(*node.proto, "axes");
    return static_cast<std::int64_t>(axes.size()) == rank - 2 && axes.front() == 2 && axes.back() == rank - 1;
  }

  void fold(Node& back) {
    const Network& network = graph_.network();
    const Node* row = graph_.maker(back.inputs[0]);
    if (row == nullptr || row->inputs.empty() || row->inputs[0] == kNone || !normalizes_rows(*row)) return;
    const Node* apart = graph_.made_by(row->inputs[0], "Reshape");
    if (apart == nullptr || graph_.sole_reader(back.inputs[0]) == nullptr) return;
    const ValueId x = apart->inputs[0];
    const Shape& shape = network.value(x).shape;
    const Shape& rows = network.value(row->inputs[0]).shape;
    const bool fits = network.value(back.outputs[0]).shape == shape && shape.size() >= 3 && rows[0] == shape[0] &&
                      rows[1] > 0 && shape[1] % rows[1] == 0;
    if (!fits) return;
    const std::int64_t groups = rows[1];
    Node* last = &back;
    std::vector<ValueId> inputs{x};
    const ValueId scale = extend(last, "Mul", shape);
    if (scale != kNone) {
      inputs.push_back(scale);
      const ValueId shift = extend(last, "Add", shape);
      if (shift != kNone) inputs.push_back(shift);
    }
    graph_.replace(
        *last, "GroupNormalization", std::move(inputs),
        {attribute("num_groups", groups), attribute("epsilon", real(*row->proto, "epsilon", kUsualEpsilon))});
  }

  // Steps to the only reader when its other operand has one number for each channel, which becomes a vector.
  ValueId extend(Node*& last, const char* type, const Shape& shape) {
    Network& network = graph_.network();
    Node* reader = graph_.sole_reader(last->outputs[0]);
    if (reader == nullptr || reader->type != type || reader->inputs.size() != 2) return kNone;
    const ValueId operand = reader->inputs[reader->inputs[0] == last->outputs[0] ? 1 : 0];
    if (operand == kNone || !network.is_weight(operand)) return kNone;
    const Shape given = network.value(operand).shape;
    if (given.size() > shape.size() || given.size() + 1 < shape.size()) return kNone;
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i] != (i + shape.size() - given.size() == 1 ? shape[1] : 1)) return kNone;
    }
    last = reader;
    const auto [entry, is_new] =
        vectors_.emplace(std::pair{operand, shape[1]}, static_cast<ValueId>(network.values.size()));
    if (is_new) {
      Value vector = network.value(operand);
      vector.shape = {shape[1]};
      vector.constant = nullptr;
      vector.external = nullptr;
      network.values.push_back(std::move(vector));
    }
    return entry->second;
  }
};

}  // namespace

void fold_normalizations(Algebra& algebra) { Normalizations(algebra).run(); }
void fold_group_normalizations(Algebra& algebra) { GroupNormalizations(algebra.graph()).run(); }

}  // namespace lanewise::network::importing
