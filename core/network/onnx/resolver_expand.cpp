// SPDX-License-Identifier: Apache-2.0
// Branches, functions of the file and lowered operators: nodes that others stand for.
#include <fmt/format.h>

#include <map>
#include <stdexcept>

#include "core/base/error.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/function.hpp"
#include "core/network/onnx/inference.hpp"
#include "core/network/onnx/lowering.hpp"
#include "core/network/onnx/resolver.hpp"

namespace lanewise::network::importing {

namespace {

constexpr std::size_t kDeepest = 32;  // branches, loops and functions within each other

}  // namespace

void Resolver::enter(Scope scope) {
  scope.first_value = network_.values.size();
  scope.sequences = std::make_shared<Sequences>(scope.sees_outer ? scopes_.back().sequences : nullptr);
  scopes_.push_back(std::move(scope));
}

void Resolver::leave(const std::vector<std::string>& inner, const std::vector<std::string>& outer, const Node& node) {
  std::vector<Binding> results;
  std::map<std::size_t, std::vector<Binding>> sequences;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (i >= outer.size() || outer[i].empty() || inner[i].empty()) {
      results.emplace_back();
      continue;
    }
    if (const std::vector<std::string>* sequence = scopes_.back().sequences->find(inner[i])) {
      std::vector<Binding>& tensors = sequences[i];
      for (const std::string& tensor : *sequence) {
        lookup(tensor, fmt::format("node '{}'", node.name));
        tensors.push_back(binding(tensor));
      }
      results.emplace_back();
      continue;
    }
    lookup(inner[i], fmt::format("node '{}'", node.name));
    results.push_back(binding(inner[i]));
  }
  const std::size_t first_made = scopes_.back().first_value;
  scopes_.pop_back();
  for (std::size_t i = 0; i < outer.size(); ++i) {
    if (outer[i].empty()) continue;
    if (const auto sequence = sequences.find(i); sequence != sequences.end()) {
      leave_sequence(outer[i], sequence->second, node);
      continue;
    }
    const Binding& result = results.at(i);
    if (result.value == kNone) {  // an output that nothing makes: refused where something reads it
      bind(outer[i], add_value(outer[i], {}, TensorRole::kActivation), onnx::TensorProto::FLOAT);
      continue;
    }
    // What was made within goes by the name that the file gives it outside.
    const bool made_within = static_cast<std::size_t>(result.value) >= first_made;
    if (made_within) network_.value(result.value).name = scopes_.back().prefix + outer[i];
    bind(outer[i], result.value, result.element_type);
  }
}

void Resolver::leave_sequence(const std::string& outer, const std::vector<Binding>& tensors, const Node& node) {
  std::vector<std::string> names;
  for (const Binding& tensor : tensors) {
    names.push_back(fmt::format("{}/{}", outer, names.size()));
    bind(names.back(), tensor.value, tensor.element_type);
  }
  try {
    scopes_.back().sequences->add(outer, std::move(names));
  } catch (const std::invalid_argument& error) {
    fail(network_, node, error.what());
  }
}

// Nodes that stand for an operator on sequences are nodes of the same scope, under the operator's own name.
void Resolver::add_sequence(const onnx::NodeProto& original) {
  Node node;
  node.name = original.name().empty() ? original.op_type() : original.name();
  node.type = node.source_type = original.op_type();
  node.opset = scopes_.back().opset;
  node.proto = &original;
  check_node(network_, node);
  std::vector<onnx::NodeProto> plain;
  try {
    const auto value_of = [&](const std::string& name) { return lookup(name, fmt::format("node '{}'", node.name)); };
    plain = scopes_.back().sequences->resolve(
        original, [&](const std::string& name) -> const Shape& { return network_.value(value_of(name)).shape; },
        [&](const std::string& name) { return network_.constant(value_of(name)); });
  } catch (const std::invalid_argument& error) {
    fail(network_, node, error.what());
  }
  const std::string outer = scopes_.back().lowered_from;
  if (outer.empty()) scopes_.back().lowered_from = original.op_type();
  for (onnx::NodeProto& stand_in : plain) {
    network_.protos.push_back(std::move(stand_in));
    visit(network_.protos.back());
  }
  scopes_.back().lowered_from = outer;
}

void Resolver::add_branch(const Node& node) {
  const Constant* condition = node.inputs.empty() ? nullptr : network_.constant(node.inputs[0]);
  if (condition == nullptr || condition->size() != 1) fail(network_, node, "the condition is not a constant");
  const bool chosen = condition->as_real(0) != 0;
  const onnx::AttributeProto* branch = find_attribute(*node.proto, chosen ? "then_branch" : "else_branch");
  if (branch == nullptr || branch->g().output_size() < node.proto->output_size()) {
    fail(network_, node, "the branch taken is missing or yields too little");
  }
  if (scopes_.size() >= kDeepest) fail(network_, node, "branches are nested too deep");
  Scope scope;
  scope.prefix = scopes_.back().prefix;
  scope.opset = node.opset;
  scope.lowered_from = scopes_.back().lowered_from;
  enter(std::move(scope));
  add_initializers(branch->g());
  add_nodes(branch->g());
  std::vector<std::string> inner;
  for (int i = 0; i < node.proto->output_size(); ++i) inner.push_back(branch->g().output(i).name());
  leave(inner, {node.proto->output().begin(), node.proto->output().end()}, node);
}

const onnx::FunctionProto* Resolver::find_function(const onnx::NodeProto& node) const {
  const auto [begin, end] = functions_.equal_range(node.op_type());
  for (auto function = begin; function != end; ++function) {
    if (is_call_of(node, *function->second)) return function->second;
  }
  return nullptr;
}

void Resolver::add_function(const Node& node, const onnx::FunctionProto& function) {
  const onnx::NodeProto& call = *node.proto;
  if (call.input_size() > function.input_size() || call.output_size() > function.output_size()) {
    fail(network_, node, "has more inputs or outputs than the function that it calls");
  }
  if (scopes_.size() >= kDeepest) fail(network_, node, "functions are nested too deep");
  Scope scope;
  scope.prefix = node.name + "/";
  scope.sees_outer = false;
  scope.opset = opset_of(function, node.opset);
  scope.lowered_from = scopes_.back().lowered_from;
  for (int i = 0; i < call.input_size(); ++i) {
    if (!call.input(i).empty()) scope.bindings[function.input(i)] = binding(call.input(i));
  }
  enter(std::move(scope));
  std::set<std::string> absent;  // an optional input that the call leaves out
  for (int i = 0; i < function.input_size(); ++i) {
    if (i >= call.input_size() || call.input(i).empty()) absent.insert(function.input(i));
  }
  for (const onnx::NodeProto& inner : function.node()) {
    network_.protos.push_back(instantiate(inner, call, function, absent));
    visit(network_.protos.back());
  }
  const std::vector<std::string> results(function.output().begin(), function.output().begin() + call.output_size());
  leave(results, {call.output().begin(), call.output().end()}, node);
}

const Shape* Resolver::stated_shape(const onnx::NodeProto& node) const {
  const auto& stated = scopes_.back().stated;
  const auto found = node.output_size() == 1 ? stated.find(node.output(0)) : stated.end();
  return found == stated.end() ? nullptr : &found->second;
}

void Resolver::add_repacked(const Lowering::Weight& weight) {
  check_shape(weight.name, weight.shape);
  const int type = onnx::TensorProto::FLOAT;
  if (weight.from == kNone) return bind(weight.name, add_value(weight.name, weight.shape, TensorRole::kWeight), type);
  const auto [entry, is_new] = repacked_.emplace(std::pair{weight.from, weight.shape}, kNone);
  if (is_new) {
    entry->second = add_value(weight.name, weight.shape, TensorRole::kWeight);
    Value& made = network_.value(entry->second);
    const Value& from = network_.value(weight.from);
    made.name = from.name;
    made.precision = weight.precision ? weight.precision : from.precision;
    made.sources = {entry->second};
  }
  bind(weight.name, entry->second, type);
}

bool Resolver::add_lowered(const Node& node) {
  const LoweringRow* row = find_lowering(node.proto->domain(), node.type);
  if (row == nullptr) return false;
  std::vector<std::optional<Shape>> declared;
  for (const std::string& output : node.proto->output()) declared.push_back(declared_shape(output));
  Lowering lowering(network_, node, element_types(node), std::move(declared));
  if (!row->lower(lowering)) return false;
  if (scopes_.size() >= kDeepest) fail(network_, node, "is nested too deep");
  Scope scope;
  scope.prefix = node.name + "/";
  scope.opset = lowering.opset();
  scope.lowered_from = node.source_type;
  scope.stated = lowering.take_stated();
  enter(std::move(scope));
  for (auto& [name, constant] : lowering.take_constants()) bind_constant(name, std::move(constant));
  for (const Lowering::Weight& weight : lowering.take_weights()) add_repacked(weight);
  std::vector<onnx::NodeProto> emitted = lowering.take_nodes();
  const std::string alone = emitted.size() == 1 ? node.name : "";
  for (onnx::NodeProto& proto : emitted) {
    network_.protos.push_back(std::move(proto));
    visit(network_.protos.back(), alone);
  }
  std::vector<std::string> inner;
  for (int i = 0; i < node.proto->output_size(); ++i) inner.push_back(lowering.result(i));
  leave(inner, {node.proto->output().begin(), node.proto->output().end()}, node);
  return true;
}

}  // namespace lanewise::network::importing
