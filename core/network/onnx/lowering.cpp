// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/lowering.hpp"

#include <fmt/format.h>

#include <map>

#include "core/network/onnx/inference.hpp"
#include "core/network/onnx/lowerings/lowerings.hpp"

namespace lanewise::network::importing {

namespace {

using Key = std::pair<std::string, std::string>;

std::map<Key, LoweringRow> make_table() {
  std::map<Key, LoweringRow> table;
  for (const auto* rows : {&activation_lowerings(), &attention_lowerings(), &depth_lowerings(), &einsum_lowerings(),
                           &legacy_lowerings(), &microsoft_attention_lowerings(), &embedding_lowerings(),
                           &normalization_lowerings(), &product_lowerings(), &window_lowerings()}) {
    for (const LoweringRow& row : *rows) table.emplace(Key{row.domain, row.type}, row);
  }
  return table;
}

const std::map<Key, LoweringRow>& table() {
  static const std::map<Key, LoweringRow> rows = make_table();
  return rows;
}

}  // namespace

Lowering::Lowering(const Network& network, const Node& node, std::vector<int> element_types,
                   std::vector<std::optional<Shape>> declared)
    : network_(network),
      node_(node),
      element_types_(std::move(element_types)),
      declared_(std::move(declared)),
      opset_(node.opset),
      results_(static_cast<std::size_t>(node.proto->output_size())) {}

bool Lowering::has(std::size_t input) const { return input < node_.inputs.size() && node_.inputs[input] != kNone; }

const std::string& Lowering::input(std::size_t i) const {
  if (!has(i)) fail(fmt::format("has no input {}", i));
  return node_.proto->input(static_cast<int>(i));
}

const Shape& Lowering::shape(std::size_t i) const {
  input(i);
  return network_.value(node_.inputs[i]).shape;
}

int Lowering::element_type(std::size_t i) const {
  input(i);
  return element_types_[i];
}

const Constant* Lowering::constant(std::size_t i) const {
  return has(i) ? network_.constant(node_.inputs[i]) : nullptr;
}

bool Lowering::is_weight(std::size_t i) const { return has(i) && network_.is_weight(node_.inputs[i]); }

bool Lowering::wants(std::size_t output) const {
  return output < results_.size() && !node_.proto->output(static_cast<int>(output)).empty();
}

Shape Lowering::output_shape(std::size_t output) const {
  std::vector<int> types;
  const std::vector<std::optional<Shape>> shapes = infer_shapes(network_, node_, element_types_, types);
  if (output >= shapes.size() || !shapes[output]) fail("its shape depends on data");
  return *shapes[output];
}

const std::optional<Shape>& Lowering::declared(std::size_t output) const {
  static const std::optional<Shape> unknown;
  return output < declared_.size() ? declared_[output] : unknown;
}

void Lowering::fail(const std::string& message) const { importing::fail(network_, node_, message); }

std::string Lowering::fresh(const std::string& what) { return fmt::format("{}_{}", what, counter_++); }

std::string Lowering::emit(const std::string& type, const Names& inputs, const Attributes& attributes) {
  return emit_many(type, inputs, 1, attributes).front();
}

Lowering::Names Lowering::emit_many(const std::string& type, const Names& inputs, std::size_t outputs,
                                    const Attributes& attributes, const std::string& domain) {
  onnx::NodeProto node;
  node.set_name(fresh(type));
  node.set_op_type(type);
  node.set_domain(domain);
  for (const std::string& input : inputs) node.add_input(input);
  for (const onnx::AttributeProto& attribute : attributes) *node.add_attribute() = attribute;
  Names names;
  for (std::size_t i = 0; i < outputs; ++i) {
    names.push_back(outputs == 1 ? node.name() : fmt::format("{}.{}", node.name(), i));
    node.add_output(names.back());
  }
  nodes_.push_back(std::move(node));
  return names;
}

std::string Lowering::emit_stated(const std::string& type, const Names& inputs, const Shape& shape,
                                  const Attributes& attributes) {
  const std::string name = emit(type, inputs, attributes);
  stated_.emplace(name, shape);
  return name;
}

std::string Lowering::weight(std::size_t input, Shape shape, std::optional<Precision> precision) {
  this->input(input);
  weights_.push_back({fresh("weight"), node_.inputs[input], std::move(shape), precision, true});
  return weights_.back().name;
}

std::string Lowering::table(Shape shape) {
  weights_.push_back({fresh("table"), kNone, std::move(shape), std::nullopt, false});
  return weights_.back().name;
}

std::string Lowering::constant(Constant value) {
  std::string name = fresh("constant");
  constants_.emplace_back(name, std::move(value));
  return name;
}

std::string Lowering::integers(std::vector<std::int64_t> values) {
  return constant(Constant::of_whole(std::move(values)));
}

std::string Lowering::number(double value) {
  Constant result;
  result.is_real = true;
  result.real = {value};
  return constant(std::move(result));
}

void Lowering::set_result(std::size_t output, const std::string& name) {
  if (output < results_.size()) results_[output] = name;
}

const std::string& Lowering::result(int output) const { return results_.at(static_cast<std::size_t>(output)); }

std::vector<const LoweringRow*> all_lowerings() {
  std::vector<const LoweringRow*> rows;
  for (const auto& entry : table()) rows.push_back(&entry.second);
  return rows;
}

const LoweringRow* find_lowering(const std::string& domain, const std::string& type) {
  const auto row = table().find({domain == "ai.onnx" ? "" : domain, type});
  return row == table().end() ? nullptr : &row->second;
}

}  // namespace lanewise::network::importing
