// SPDX-License-Identifier: Apache-2.0
// Loops and scans, written out: the nodes of the body once an iteration, under the name NAME/ITERATION/….
#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/resolver.hpp"

namespace lanewise::network::importing {

namespace {

constexpr std::int64_t kMostIterations = 15000;  // of all loops of a file together
constexpr int kMadeOpset = 11;                   // axes of Unsqueeze are still an attribute

bool has_graph(const onnx::NodeProto& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(), [](const onnx::AttributeProto& attribute) {
    return attribute.has_g() || attribute.graphs_size() > 0;
  });
}

bool is_random(const std::string& type) {
  return type.rfind("Random", 0) == 0 || type == "Bernoulli" || type == "Multinomial";
}

// One entry of a list of attributes that may be left out.
std::int64_t entry(const std::vector<std::int64_t>& list, std::size_t at) { return at < list.size() ? list[at] : 0; }

onnx::NodeProto plain_node(const char* type, std::size_t inputs) {
  onnx::NodeProto proto;
  proto.set_name(type);
  proto.set_op_type(type);
  for (std::size_t i = 0; i < inputs; ++i) proto.add_input(fmt::format("in_{}", i));
  proto.add_output("out");
  return proto;
}

}  // namespace

Resolver::Binding Resolver::constant_binding(const std::string& name, Constant constant) {
  const int type = constant.is_real ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64;
  const ValueId id = add_value(name, constant.shape, TensorRole::kWeight);
  set_constant(id, std::move(constant));
  return {id, type};
}

std::int64_t Resolver::known_number(const Node& node, std::size_t input, const char* what) const {
  const Constant* constant = network_.constant(node.inputs[input]);
  if (constant != nullptr && constant->size() == 1) return constant->as_whole(0);
  fail(network_, node, fmt::format("{} is not a constant{}", what, how_to_give(network_, node.inputs[input])));
}

// What is the same in every iteration, weights above all, is made once in the loop's own scope.
Resolver::Body Resolver::open_body(const Node& node) {
  const onnx::AttributeProto* attribute = find_attribute(*node.proto, "body");
  if (attribute == nullptr || !attribute->has_g()) fail(network_, node, "has no body");
  if (scopes_.size() + 2 >= kDeepestScope) fail(network_, node, "is nested too deep");
  Body body;
  body.graph = &attribute->g();
  Scope scope;
  scope.prefix = node.name + "/";
  scope.opset = node.opset;
  scope.lowered_from = scopes_.back().lowered_from;
  enter(std::move(scope));
  add_initializers(*body.graph);
  std::set<std::string> varying;
  for (const onnx::ValueInfoProto& input : body.graph->input()) varying.insert(input.name());
  for (const onnx::NodeProto& inner : body.graph->node()) {
    bool is_fixed = !has_graph(inner) && !is_random(inner.op_type());
    for (const std::string& input : inner.input()) {
      if (!is_fixed || input.empty()) continue;
      const Binding* bound = varying.count(input) > 0 ? nullptr : find_binding(input);
      is_fixed = bound != nullptr && network_.is_weight(bound->value);
    }
    if (is_fixed) {
      visit(inner);
    } else {
      body.repeated.push_back(&inner);
      varying.insert(inner.output().begin(), inner.output().end());
    }
  }
  return body;
}

std::vector<Resolver::Binding> Resolver::run_body(const Node& node, const Body& body,
                                                  const std::vector<Binding>& inputs, std::int64_t iteration) {
  if (++iterations_ > kMostIterations) {
    fail(network_, node, fmt::format("the file's loops run more than {} iterations together", kMostIterations));
  }
  Scope scope;
  scope.prefix = fmt::format("{}{}/", scopes_.back().prefix, iteration);
  scope.opset = node.opset;
  scope.lowered_from = scopes_.back().lowered_from;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    scope.bindings[body.graph->input(static_cast<int>(i)).name()] = inputs[i];
  }
  enter(std::move(scope));
  for (const onnx::ValueInfoProto& value : body.graph->value_info()) scopes_.back().declared[value.name()] = &value;
  for (const onnx::ValueInfoProto& value : body.graph->output()) scopes_.back().declared[value.name()] = &value;
  for (const onnx::NodeProto* inner : body.repeated) visit(*inner);
  std::vector<Binding> results;
  for (const onnx::ValueInfoProto& output : body.graph->output()) {
    lookup(output.name(), fmt::format("node '{}'", node.name));
    results.push_back(binding(output.name()));
  }
  scopes_.pop_back();
  return results;
}

void Resolver::add_loop(const Node& node) {
  const bool has_limit = !node.inputs.empty() && node.inputs[0] != kNone;
  const bool has_condition = node.inputs.size() > 1 && node.inputs[1] != kNone;
  if (!has_limit && !has_condition) fail(network_, node, "has neither a trip count nor a condition, and never ends");
  const std::int64_t limit = has_limit ? known_number(node, 0, "the trip count") : kMostIterations + 1;
  bool goes_on = !has_condition || known_number(node, 1, "the condition") != 0;
  constexpr std::size_t kBeforeCarried = 2;  // the trip count and the condition
  std::vector<Binding> carried;
  for (std::size_t i = kBeforeCarried; i < node.inputs.size(); ++i) {
    const std::string& name = node.proto->input(static_cast<int>(i));
    if (name.empty()) fail(network_, node, fmt::format("has no input {}", i));
    carried.push_back(binding(name));
  }
  const Body body = open_body(node);
  const auto outputs = static_cast<std::size_t>(body.graph->output_size());
  const auto wanted = static_cast<std::size_t>(node.proto->output_size());
  if (static_cast<std::size_t>(body.graph->input_size()) != kBeforeCarried + carried.size() ||
      outputs < 1 + carried.size() || wanted > outputs - 1) {
    fail(network_, node, "its inputs and outputs do not fit those of its body");
  }
  std::vector<std::vector<Binding>> scans(outputs - 1 - carried.size());
  for (std::int64_t i = 0; i < limit && goes_on; ++i) {
    std::vector<Binding> inputs = {constant_binding("iteration", Constant::scalar(i)),
                                   constant_binding("condition", Constant::scalar(1))};
    inputs.insert(inputs.end(), carried.begin(), carried.end());
    const std::vector<Binding> results = run_body(node, body, inputs, i);
    std::copy_n(results.begin() + 1, carried.size(), carried.begin());
    for (std::size_t k = 0; k < scans.size(); ++k) scans[k].push_back(results[1 + carried.size() + k]);
    if (!has_condition || i + 1 >= limit) continue;
    const Constant* condition = network_.constant(results[0].value);
    if (condition == nullptr || condition->size() != 1) {
      fail(network_, node,
           fmt::format("whether it goes on after iteration {} is known only as it runs{}", i,
                       how_to_give(network_, results[0].value)));
    }
    goes_on = condition->as_real(0) != 0;
  }
  for (std::size_t k = 0; k < scans.size(); ++k) {
    const auto output = static_cast<int>(1 + carried.size() + k);
    if (carried.size() + k >= wanted || node.proto->output(output - 1).empty()) {
      carried.emplace_back();
    } else {
      carried.push_back(stacked(node, scans[k], 0, body.graph->output(output).name()));
    }
  }
  close(carried, {node.proto->output().begin(), node.proto->output().end()});
}

void Resolver::add_scan(const Node& node) {
  constexpr int kOldest = 9;
  if (node.opset < kOldest) fail(network_, node, "its form before operator set 9 is not supported");
  const std::int64_t sequences = integer(*node.proto, "num_scan_inputs", 0);
  if (sequences < 1 || sequences > static_cast<std::int64_t>(node.inputs.size())) {
    fail(network_, node, fmt::format("num_scan_inputs is {}", sequences));
  }
  const std::size_t states = node.inputs.size() - static_cast<std::size_t>(sequences);
  const auto axes = integers(*node.proto, "scan_input_axes");
  const auto directions = integers(*node.proto, "scan_input_directions");
  std::vector<Binding> carried, scanned;
  std::vector<std::int64_t> scanned_axes;
  std::int64_t steps = -1;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNone) fail(network_, node, fmt::format("has no input {}", i));
    const Binding bound = binding(node.proto->input(static_cast<int>(i)));
    if (i < states) {
      carried.push_back(bound);
      continue;
    }
    const Shape& shape = network_.value(bound.value).shape;
    const std::int64_t axis = positive_axis(network_, node, entry(axes, i - states), shape.size());
    const std::int64_t size = shape[static_cast<std::size_t>(axis)];
    if (steps >= 0 && size != steps) fail(network_, node, fmt::format("scans {} and {} steps at once", steps, size));
    steps = size;
    scanned.push_back(bound);
    scanned_axes.push_back(axis);
  }
  const Body body = open_body(node);
  const auto outputs = static_cast<std::size_t>(body.graph->output_size());
  if (static_cast<std::size_t>(body.graph->input_size()) != node.inputs.size() || outputs < states ||
      static_cast<std::size_t>(node.proto->output_size()) > outputs) {
    fail(network_, node, "its inputs and outputs do not fit those of its body");
  }
  std::vector<std::vector<Binding>> scans(outputs - states);
  for (std::int64_t i = 0; i < steps; ++i) {
    std::vector<Binding> inputs = carried;
    for (std::size_t k = 0; k < scanned.size(); ++k) {
      inputs.push_back(taken(node, scanned[k], scanned_axes[k], entry(directions, k) == 0 ? i : steps - 1 - i));
    }
    const std::vector<Binding> results = run_body(node, body, inputs, i);
    std::copy_n(results.begin(), states, carried.begin());
    for (std::size_t k = 0; k < scans.size(); ++k) scans[k].push_back(results[states + k]);
  }
  const auto output_axes = integers(*node.proto, "scan_output_axes");
  const auto output_directions = integers(*node.proto, "scan_output_directions");
  for (std::size_t k = 0; k < scans.size(); ++k) {
    const auto output = static_cast<int>(states + k);
    if (output >= node.proto->output_size() || node.proto->output(output).empty()) {
      carried.emplace_back();
      continue;
    }
    if (entry(output_directions, k) != 0) std::reverse(scans[k].begin(), scans[k].end());
    carried.push_back(stacked(node, scans[k], entry(output_axes, k), body.graph->output(output).name()));
  }
  close(carried, {node.proto->output().begin(), node.proto->output().end()});
}

Resolver::Binding Resolver::made(const Node& node, const std::string& what, const onnx::NodeProto& proto,
                                 const std::vector<Binding>& inputs) {
  Scope scope;
  scope.prefix = scopes_.back().prefix + what + "/";
  scope.opset = kMadeOpset;
  scope.lowered_from = node.source_type;
  for (std::size_t i = 0; i < inputs.size(); ++i) scope.bindings[proto.input(static_cast<int>(i))] = inputs[i];
  enter(std::move(scope));
  network_.protos.push_back(proto);
  visit(network_.protos.back());
  const Binding result = binding(proto.output(0));
  scopes_.pop_back();
  return result;
}

Resolver::Binding Resolver::taken(const Node& node, const Binding& from, std::int64_t axis, std::int64_t index) {
  onnx::NodeProto proto = plain_node("Gather", 2);
  *proto.add_attribute() = attribute("axis", axis);
  return made(node, fmt::format("step_{}", index), proto, {from, constant_binding("index", Constant::scalar(index))});
}

Resolver::Binding Resolver::stacked(const Node& node, const std::vector<Binding>& parts, std::int64_t axis,
                                    const std::string& element) {
  if (parts.empty()) {
    Shape shape;
    for (const onnx::ValueInfoProto& output : find_attribute(*node.proto, "body")->g().output()) {
      if (output.name() != element) continue;
      for (const auto& dimension : output.type().tensor_type().shape().dim()) {
        shape.push_back(dimension.has_dim_value() ? dimension.dim_value() : 0);
      }
    }
    const auto rank = static_cast<std::int64_t>(shape.size()) + 1;
    const std::int64_t at = std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank - 1);
    shape.insert(shape.begin() + at, 0);
    Constant nothing;
    nothing.shape = shape;
    nothing.is_real = true;
    return constant_binding(element, std::move(nothing));
  }
  const std::size_t rank = network_.value(parts.front().value).shape.size();
  axis = positive_axis(network_, node, axis, rank + 1);
  std::vector<Binding> rows;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    onnx::NodeProto proto = plain_node("Unsqueeze", 1);
    *proto.add_attribute() = attribute("axes", std::vector<std::int64_t>{axis});
    rows.push_back(made(node, fmt::format("{}/row_{}", element, i), proto, {parts[i]}));
  }
  if (rows.size() == 1) return rows.front();
  onnx::NodeProto proto = plain_node("Concat", rows.size());
  *proto.add_attribute() = attribute("axis", axis);
  return made(node, element, proto, rows);
}

}  // namespace lanewise::network::importing
