// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/patterns.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/pattern_graph.hpp"

namespace lanewise::network::importing {

namespace {

constexpr double kTolerance = 1e-3;  // of the constants that exporters write in single or half precision

bool near(double a, double b) { return std::fabs(a - b) <= kTolerance * std::max(1.0, std::fabs(b)); }

// A product as its factors that are no numbers, and the product of those that are.
struct Product {
  std::vector<ValueId> factors;
  double scale = 1;
};

class Activations {
 public:
  explicit Activations(PatternGraph& graph) : graph_(graph) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.type == "Mul" || node.type == "Div") fold(node);
    }
  }

 private:
  PatternGraph& graph_;

  void fold(Node& node) {
    Product product;
    if (!collect(node, product, 0)) return;
    if (product.factors.size() == 1 && near(product.scale * 6, 1)) {
      if (const std::optional<ValueId> x = ramp(product.factors[0])) hard_sigmoid(node, *x);
    } else if (product.factors.size() == 2) {
      const ValueId a = product.factors[0];
      const ValueId b = product.factors[1];
      if (!fold_gate(node, a, b, product.scale)) fold_gate(node, b, a, product.scale);
    }
  }

  // Walks down through multiplications that nothing else reads.
  bool collect(const Node& node, Product& product, int depth) {
    if (const auto scaled = graph_.with_scalar(node)) {
      const bool divides = node.type == "Div";
      if (divides && (scaled->first != node.inputs[0] || scaled->second == 0)) return false;
      product.scale *= divides ? 1 / scaled->second : scaled->second;
      return descend(scaled->first, product, depth);
    }
    if (node.type == "Div" || node.inputs.size() != 2) return false;
    return descend(node.inputs[0], product, depth) && descend(node.inputs[1], product, depth);
  }

  bool descend(ValueId value, Product& product, int depth) {
    const Node* maker = graph_.made_by(value, "Mul");
    if (maker == nullptr) maker = graph_.made_by(value, "Div");
    if (maker != nullptr && depth < 3 && graph_.sole_reader(value) != nullptr) {
      Product inner;
      if (collect(*maker, inner, depth + 1)) {
        product.factors.insert(product.factors.end(), inner.factors.begin(), inner.factors.end());
        product.scale *= inner.scale;
        return true;
      }
    }
    product.factors.push_back(value);
    return product.factors.size() <= 2;
  }

  // scale * x * gate(x).
  bool fold_gate(Node& node, ValueId x, ValueId gate, double scale) {
    if (near(scale, 1)) {
      if (const Node* sigmoid = graph_.made_by(gate, "Sigmoid")) return fold_sigmoid(node, x, sigmoid->inputs[0]);
      const Node* hard = graph_.made_by(gate, "HardSigmoid");
      if (hard != nullptr && hard->inputs[0] == x && near(real(*hard->proto, "alpha", 0.2), 1.0 / 6) &&
          near(real(*hard->proto, "beta", 0.5), 0.5)) {
        graph_.rewrite(node, "HardSwish", {x});
        return true;
      }
    } else if (near(scale * 6, 1) && ramp(gate) == x) {
      graph_.rewrite(node, "HardSwish", {x});
      return true;
    } else if (near(scale, 0.5) && is_normal_distribution(gate, x)) {
      graph_.rewrite(node, "Gelu", {x});
      return true;
    }
    return false;
  }

  bool fold_sigmoid(Node& node, ValueId x, ValueId inside) {
    if (inside == x) {
      graph_.rewrite(node, "Silu", {x});
      return true;
    }
    const Node* scaled = graph_.made_by(inside, "Mul");
    const auto product = scaled == nullptr ? std::nullopt : graph_.with_scalar(*scaled);
    if (!product || product->first != x || !near(product->second, 1.702)) return false;
    graph_.rewrite(node, "Gelu", {x});
    return true;
  }

  void hard_sigmoid(Node& node, ValueId x) {
    onnx::NodeProto& proto = graph_.rewrite(node, "HardSigmoid", {x});
    for (const auto& [name, value] : {std::pair<const char*, float>{"alpha", 1.0F / 6}, {"beta", 0.5F}}) {
      onnx::AttributeProto& attribute = *proto.add_attribute();
      attribute.set_name(name);
      attribute.set_type(onnx::AttributeProto::FLOAT);
      attribute.set_f(value);
    }
  }

  // x of clip(x + 3, 0, 6).
  std::optional<ValueId> ramp(ValueId value) const {
    const Node* clip = graph_.made_by(value, "Clip");
    if (clip == nullptr) return std::nullopt;
    const auto bound = [&](const char* name, std::size_t input) -> std::optional<double> {
      if (const onnx::AttributeProto* attribute = find_attribute(*clip->proto, name)) return attribute->f();
      return input < clip->inputs.size() ? graph_.scalar(clip->inputs[input]) : std::nullopt;
    };
    const std::optional<double> low = bound("min", 1);
    const std::optional<double> high = bound("max", 2);
    if (!low || !high || !near(*low, 0) || !near(*high, 6)) return std::nullopt;
    const Node* add = graph_.made_by(clip->inputs[0], "Add");
    const auto sum = add == nullptr ? std::nullopt : graph_.with_scalar(*add);
    if (!sum || !near(sum->second, 3)) return std::nullopt;
    return sum->first;
  }

  // 1 + erf(x / sqrt 2), or its approximation 1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)).
  bool is_normal_distribution(ValueId value, ValueId x) const {
    const Node* add = graph_.made_by(value, "Add");
    const auto sum = add == nullptr ? std::nullopt : graph_.with_scalar(*add);
    if (!sum || !near(sum->second, 1)) return false;
    if (const Node* erf = graph_.made_by(sum->first, "Erf")) {
      const Node* divided = graph_.made_by(erf->inputs[0], "Div");
      const Node* multiplied = graph_.made_by(erf->inputs[0], "Mul");
      const Node* scaled = divided != nullptr ? divided : multiplied;
      const auto product = scaled == nullptr ? std::nullopt : graph_.with_scalar(*scaled);
      return product && product->first == x &&
             near(product->second, divided != nullptr ? std::sqrt(2) : std::sqrt(0.5));
    }
    const Node* tanh = graph_.made_by(sum->first, "Tanh");
    const Node* scaled = tanh == nullptr ? nullptr : graph_.made_by(tanh->inputs[0], "Mul");
    const auto product = scaled == nullptr ? std::nullopt : graph_.with_scalar(*scaled);
    if (!product || !near(product->second, std::sqrt(2 / 3.14159265))) return false;
    const Node* cubic = graph_.made_by(product->first, "Add");
    return cubic != nullptr && std::find(cubic->inputs.begin(), cubic->inputs.end(), x) != cubic->inputs.end();
  }
};

class LayerNormalizations {
 public:
  explicit LayerNormalizations(PatternGraph& graph) : graph_(graph) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.type == "Div" && node.inputs.size() == 2) fold(node);
    }
  }

 private:
  PatternGraph& graph_;

  void fold(Node& division) {
    const std::optional<ValueId> x = centred(division.inputs[0]);
    if (!x || deviation_of(division.inputs[1]) != x) return;
    Node* last = &division;
    const ValueId scale = extend(last, "Mul", *x);
    const ValueId shift = scale == kNone ? kNone : extend(last, "Add", *x);
    std::vector<ValueId> inputs{*x};
    if (scale != kNone) inputs.push_back(scale);
    if (shift != kNone) inputs.push_back(shift);
    graph_.rewrite(*last, "LayerNormalization", std::move(inputs));
  }

  // x of x - mean(x) over the last axis.
  std::optional<ValueId> centred(ValueId value) const {
    const Node* difference = graph_.made_by(value, "Sub");
    if (difference == nullptr) return std::nullopt;
    const std::optional<ValueId> x = averaged(difference->inputs[1]);
    return x == difference->inputs[0] ? x : std::nullopt;
  }

  // x of mean(x) over the last axis, kept as an axis of 1.
  std::optional<ValueId> averaged(ValueId value) const {
    const Node* mean = graph_.made_by(value, "ReduceMean");
    if (mean == nullptr || integer(*mean->proto, "keepdims", 1) == 0) return std::nullopt;
    if (mean->inputs.size() > 1 && graph_.network().constant(mean->inputs[1]) == nullptr) return std::nullopt;
    const auto axes = integers_argument(graph_.network(), *mean, "axes", 1).value_or(std::vector<std::int64_t>{});
    const auto rank = static_cast<std::int64_t>(graph_.network().value(mean->inputs[0]).shape.size());
    if (axes.size() != 1 || (axes[0] != -1 && axes[0] != rank - 1)) return std::nullopt;
    return mean->inputs[0];
  }

  // x of sqrt(mean((x - mean)^2) + epsilon).
  std::optional<ValueId> deviation_of(ValueId value) const {
    const Node* root = graph_.made_by(value, "Sqrt");
    const Node* add = root == nullptr ? nullptr : graph_.made_by(root->inputs[0], "Add");
    const auto sum = add == nullptr ? std::nullopt : graph_.with_scalar(*add);
    const std::optional<ValueId> square = sum ? averaged(sum->first) : std::nullopt;
    if (!square) return std::nullopt;
    if (const Node* power = graph_.made_by(*square, "Pow")) {
      return graph_.is_near(power->inputs[1], 2) ? centred(power->inputs[0]) : std::nullopt;
    }
    const Node* product = graph_.made_by(*square, "Mul");
    return product != nullptr && product->inputs[0] == product->inputs[1] ? centred(product->inputs[0]) : std::nullopt;
  }

  // Steps to the only reader when it is of this type and its other operand a vector along the last axis of x.
  ValueId extend(Node*& last, const char* type, ValueId x) {
    Node* reader = graph_.sole_reader(last->outputs[0]);
    if (reader == nullptr || reader->type != type || reader->inputs.size() != 2) return kNone;
    const ValueId operand = reader->inputs[reader->inputs[0] == last->outputs[0] ? 1 : 0];
    const Network& network = graph_.network();
    if (!network.is_weight(operand) || network.value(operand).shape != Shape{network.value(x).shape.back()}) {
      return kNone;
    }
    last = reader;
    return operand;
  }
};

class Merges {
 public:
  explicit Merges(PatternGraph& graph) : graph_(graph) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.type == "Pad") merge_pad(node);
    }
    graph_.refresh();
    for (Node& node : graph_.network().nodes) {
      if (node.type == "Conv" || node.type == "ConvTranspose" || node.type == "MatMul") merge_bias(node);
    }
    graph_.refresh();
  }

 private:
  PatternGraph& graph_;
  std::map<ValueId, ValueId> vectors_;  // a constant of one channel axis -> the same as a vector

  // The same numbers with one dimension; one value however many operators add it.
  ValueId as_vector(ValueId operand, std::int64_t channels) {
    Network& network = graph_.network();
    if (network.value(operand).shape.size() == 1) return operand;
    const auto [entry, is_new] = vectors_.emplace(operand, static_cast<ValueId>(network.values.size()));
    if (is_new) {
      Value vector = network.value(operand);
      vector.shape = {channels};
      vector.constant = nullptr;
      vector.external = nullptr;
      network.values.push_back(std::move(vector));
    }
    return entry->second;
  }

  void merge_pad(Node& pad) {
    Network& network = graph_.network();
    Node* conv = graph_.sole_reader(pad.outputs[0]);
    if (conv == nullptr || conv->type != "Conv" || conv->inputs[0] != pad.outputs[0]) return;
    const std::string automatic = text(*conv->proto, "auto_pad", "NOTSET");
    const std::size_t rank = network.value(pad.inputs[0]).shape.size();
    const auto pads = integers_argument(network, pad, "pads", 1);
    const bool has_value = pad.inputs.size() > 2 && pad.inputs[2] != kNone;
    const bool pads_zeros = text(*pad.proto, "mode", "constant") == "constant" && real(*pad.proto, "value", 0) == 0 &&
                            (!has_value || graph_.scalar(pad.inputs[2]) == 0.0);
    if ((automatic != "NOTSET" && automatic != "VALID") || !pads || pads->size() != 2 * rank || rank < 3 ||
        !pads_zeros || *std::min_element(pads->begin(), pads->end()) < 0) {
      return;
    }
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, rank, rank + 1}) {
      if ((*pads)[i] != 0) return;
    }
    std::vector<std::int64_t> sums = integers(*conv->proto, "pads");
    sums.resize(2 * (rank - 2), 0);
    for (std::size_t i = 0; i + 2 < rank; ++i) {
      sums[i] += (*pads)[i + 2];
      sums[i + rank - 2] += (*pads)[rank + i + 2];
    }
    const onnx::NodeProto old = *conv->proto;
    std::vector<ValueId> inputs = conv->inputs;
    inputs[0] = pad.inputs[0];
    onnx::NodeProto& proto = graph_.rewrite(*conv, "Conv", std::move(inputs));
    for (const onnx::AttributeProto& attribute : old.attribute()) {
      if (attribute.name() != "pads" && attribute.name() != "auto_pad") *proto.add_attribute() = attribute;
    }
    onnx::AttributeProto& attribute = *proto.add_attribute();
    attribute.set_name("pads");
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : sums) attribute.add_ints(value);
  }

  void merge_bias(Node& node) {
    Network& network = graph_.network();
    if (node.inputs.size() < 2 || (node.inputs.size() > 2 && node.inputs[2] != kNone)) return;
    if (!network.is_weight(node.inputs[1]) || network.is_weight(node.inputs[0])) return;
    const bool is_matrix = node.type == "MatMul";
    if (is_matrix && network.value(node.inputs[1]).shape.size() != 2) return;
    Node* add = graph_.sole_reader(node.outputs[0]);
    if (add == nullptr || add->type != "Add" || add->inputs.size() != 2) return;
    const ValueId operand = add->inputs[add->inputs[0] == node.outputs[0] ? 1 : 0];
    const Shape output = network.value(node.outputs[0]).shape;
    if (!network.is_weight(operand) || network.value(add->outputs[0]).shape != output || output.size() < 2) return;
    // Broadcast from the right, every axis of the operand is 1 but the one of the channels.
    const Value bias = network.value(operand);
    const std::size_t channel_axis = is_matrix ? output.size() - 1 : 1;
    if (bias.shape.size() > output.size() || bias.shape.size() + channel_axis < output.size()) return;
    const std::size_t ahead = output.size() - bias.shape.size();
    for (std::size_t i = 0; i < bias.shape.size(); ++i) {
      if (bias.shape[i] != (i + ahead == channel_axis ? output[channel_axis] : 1)) return;
    }
    node.inputs.resize(3, kNone);
    node.inputs[2] = as_vector(operand, output[channel_axis]);
    node.outputs[0] = add->outputs[0];
    add->removed = true;
  }
};

}  // namespace

void canonicalise(Network& network) {
  PatternGraph graph(network);
  Activations(graph).run();
  graph.refresh();
  LayerNormalizations(graph).run();
  graph.refresh();
  Merges(graph).run();
}

}  // namespace lanewise::network::importing
