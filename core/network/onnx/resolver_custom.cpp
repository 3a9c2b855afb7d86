// SPDX-License-Identifier: Apache-2.0
// Operators that only a person knows: what they stand for, and what the message says where nobody has said so.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/base/error.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/evaluate.hpp"
#include "core/network/onnx/lowering.hpp"
#include "core/network/onnx/operators.hpp"
#include "core/network/onnx/quantization.hpp"
#include "core/network/onnx/resolver.hpp"
#include "core/network/onnx/size_expression.hpp"

namespace lanewise::network::importing {

namespace {

std::string plain_domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

std::string full_name(const onnx::NodeProto& node) {
  const std::string domain = plain_domain(node.domain());
  return domain.empty() ? node.op_type() : domain + "." + node.op_type();
}

// Operators of the default domain that are no rows of any table.
bool is_built_in(const std::string& type) {
  static const std::set<std::string> types = {"Cast",     "CastLike", "Constant", "Dropout", "If",
                                              "Identity", "Loop",     "Scan",     "Shape",   "Size"};
  return types.count(type) > 0 || type.rfind("Sequence", 0) == 0 || type.rfind("Optional", 0) == 0 ||
         type == "SplitToSequence" || type == "ConcatFromSequence";
}

// "in0.1": dimension 1 of input 0.
std::optional<std::int64_t> size_of(const Network& network, const Node& node, const std::string& word) {
  const std::size_t dot = word.find('.');
  const auto is_number = [](const std::string& text) {
    constexpr std::size_t kDigits = 4;
    return !text.empty() && text.size() <= kDigits &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  };
  if (word.rfind("in", 0) != 0 || dot == std::string::npos) return std::nullopt;
  const std::string input_text = word.substr(2, dot - 2), axis_text = word.substr(dot + 1);
  if (!is_number(input_text) || !is_number(axis_text)) return std::nullopt;
  const auto input = static_cast<std::size_t>(std::stoi(input_text));
  const auto axis = static_cast<std::size_t>(std::stoi(axis_text));
  if (input >= node.inputs.size() || node.inputs[input] == kNone) return std::nullopt;
  const Shape& shape = network.value(node.inputs[input]).shape;
  return axis < shape.size() ? std::optional<std::int64_t>(shape[axis]) : std::nullopt;
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return std::nullopt;
    shape[shape.size() - 1 - i] = x == 1 ? y : x;
  }
  return shape;
}

}  // namespace

const CustomOperator* Resolver::find_custom(const onnx::NodeProto& node) const {
  if (!scopes_.back().lowered_from.empty()) return nullptr;  // nodes that the importer makes are its own
  for (const CustomOperator& custom : options_.custom) {
    const bool any_domain = custom.domain == "*";
    if (custom.type == node.op_type() && (any_domain || custom.domain == plain_domain(node.domain()))) return &custom;
  }
  return nullptr;
}

Shape Resolver::custom_shape(const Node& node, const CustomOperator& custom, std::size_t output) const {
  const auto refuse = [&](const std::string& message) {
    fail(network_, node, fmt::format("{}: {}", custom.origin, message));
  };
  const std::string& name = node.proto->output(static_cast<int>(output));
  const auto given = custom.shapes.find(output);
  if (given == custom.shapes.end() || given->second.from == CustomShape::From::kDeclared) {
    if (const std::optional<Shape> declared = declared_shape(name)) return *declared;
    const bool keeps = custom.timing == CustomTiming::kFree || custom.timing == CustomTiming::kElementwise;
    if (given == custom.shapes.end() && output == 0 && keeps && !node.inputs.empty() && node.inputs[0] != kNone) {
      return network_.value(node.inputs[0]).shape;
    }
    refuse(fmt::format("the file declares no shape for output '{}'; say it with 'shape'", name));
  }
  const CustomShape& shape = given->second;
  if (shape.from == CustomShape::From::kInput) {
    if (shape.input >= node.inputs.size() || node.inputs[shape.input] == kNone) {
      refuse(fmt::format("output '{}' has the shape of input {}, which the node does not have", name, shape.input));
    }
    return network_.value(node.inputs[shape.input]).shape;
  }
  Shape sizes;
  for (const std::string& text : shape.sizes) {
    const auto size = evaluate_size(text, [&](const std::string& word) { return size_of(network_, node, word); });
    if (!size || *size < 0) {
      refuse(
          fmt::format("'{}' is no size of output '{}': write whole numbers, in0.1 for dimension 1 of input 0, + - * "
                      "/ and brackets",
                      text, name));
    }
    sizes.push_back(*size);
  }
  return sizes;
}

void Resolver::add_custom(Node& node, const CustomOperator& custom) {
  const bool constant = is_constant(node);
  std::vector<Shape> shapes;
  for (int i = 0; i < node.proto->output_size(); ++i) {
    const std::string& name = node.proto->output(i);
    shapes.push_back(name.empty() ? Shape{} : custom_shape(node, custom, static_cast<std::size_t>(i)));
    check_shape(name, shapes.back());
  }
  const std::vector<int> types = element_types(node);
  const int type = types.empty() || types[0] == 0 ? static_cast<int>(onnx::TensorProto::FLOAT) : types[0];
  const bool has_first = !node.inputs.empty() && node.inputs[0] != kNone;
  if (custom.timing == CustomTiming::kFree && has_first && shapes[0] == network_.value(node.inputs[0]).shape &&
      node.proto->output_size() == 1) {
    return bind(node.proto->output(0), node.inputs[0], type);
  }
  if (!constant) shape_custom(node, custom, shapes[0]);
  for (int i = 0; i < node.proto->output_size(); ++i) {
    const std::string& name = node.proto->output(i);
    if (name.empty()) {
      node.outputs.push_back(kNone);
      continue;
    }
    const TensorRole role = constant ? TensorRole::kWeight : TensorRole::kActivation;
    node.outputs.push_back(add_value(name, shapes[static_cast<std::size_t>(i)], role));
    bind(name, node.outputs.back(), type);
    if (!constant) continue;
    inherit_precision(node, node.outputs.back());
    inherit_sources(node, node.outputs.back());
  }
  if (!constant) network_.nodes.push_back(node);
}

// The node becomes one that the converter knows and that costs what the person says.
void Resolver::shape_custom(Node& node, const CustomOperator& custom, const Shape& shape) {
  const auto refuse = [&](const std::string& message) {
    fail(network_, node, fmt::format("{}: {}", custom.origin, message));
  };
  const auto shape_of = [&](ValueId id) -> const Shape& { return network_.value(id).shape; };
  onnx::NodeProto proto;
  proto.set_name(node.name);
  for (const std::string& output : node.proto->output()) proto.add_output(output);
  const bool one_output = node.proto->output_size() == 1;
  if (!one_output && custom.timing != CustomTiming::kHost) {
    refuse("has several outputs, which only timing 'host' may have");
  }
  std::vector<ValueId> operands;
  for (const ValueId id : node.inputs) {
    if (id == kNone) continue;
    const bool is_scalar = network_.is_weight(id) && element_count(shape_of(id)) == 1;
    if (!is_scalar || custom.timing == CustomTiming::kHost) operands.push_back(id);
  }
  switch (custom.timing) {
    case CustomTiming::kHost:
      node.type = "custom operator of the host";
      break;
    case CustomTiming::kFree:
      if (operands.empty() || element_count(shape_of(operands[0])) != element_count(shape)) {
        refuse("timing 'free' moves nothing: its output must have as many elements as its first input");
      }
      operands.resize(1);
      node.type = "Reshape";
      break;
    case CustomTiming::kMove:
      if (operands.empty()) refuse("reads nothing that could be moved");
      operands.resize(1);
      node.type = kMovedType;
      break;
    case CustomTiming::kElementwise: {
      std::optional<Shape> all = Shape{};
      for (const ValueId id : operands) all = all ? broadcast(*all, shape_of(id)) : all;
      if (!all || *all != shape) {
        refuse(fmt::format("timing 'elementwise': its output [{}] is not what its operands broadcast to",
                           fmt::join(shape, ", ")));
      }
      node.type = operands.size() == 1 ? "Abs" : "Sum";
      break;
    }
    case CustomTiming::kMatmul: {
      const std::size_t most = std::max(custom.left, custom.right);
      if (most >= node.inputs.size() || node.inputs[custom.left] == kNone || node.inputs[custom.right] == kNone) {
        refuse(fmt::format("timing 'matmul': the node has no input {}", most));
      }
      operands = {node.inputs[custom.left], node.inputs[custom.right]};
      const Shape& a = shape_of(operands[0]);
      Shape b = shape_of(operands[1]);
      if (a.empty() || b.size() < 2) refuse("timing 'matmul': its operands are no matrices");
      if (custom.transpose_right) std::swap(b[b.size() - 1], b[b.size() - 2]);
      const bool fits = a.back() == b[b.size() - 2] && !shape.empty() && shape.back() == b.back();
      const std::int64_t rows = *element_count(a) / std::max<std::int64_t>(a.back(), 1);
      if (!fits || *element_count(shape) < rows * b.back()) {
        refuse(fmt::format("timing 'matmul': operands [{}] and [{}] do not give its output [{}]", fmt::join(a, ", "),
                           fmt::join(b, ", "), fmt::join(shape, ", ")));
      }
      if (custom.transpose_right) {
        if (!network_.is_weight(operands[1])) refuse("transpose_right is for a weight");
        const Value from = network_.value(operands[1]);
        operands[1] = add_value(from.name, b, TensorRole::kWeight);
        network_.value(operands[1]).name = from.name;
        network_.value(operands[1]).precision = from.precision;
        network_.value(operands[1]).sources = from.sources;
      }
      node.type = "MatMul";
      break;
    }
  }
  if (operands.empty()) refuse("reads nothing that the network computes");
  proto.set_op_type(node.type);
  for (const ValueId id : operands) proto.add_input(network_.value(id).name);
  node.inputs = operands;
  network_.protos.push_back(std::move(proto));
  node.proto = &network_.protos.back();
}

void Resolver::list_unsupported(const onnx::GraphProto& graph, std::vector<std::string>& names) const {
  for (const onnx::NodeProto& original : graph.node()) {
    const std::optional<onnx::NodeProto> plain = without_quantization(original);
    const onnx::NodeProto& node = plain ? *plain : original;
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_g()) list_unsupported(attribute.g(), names);
    }
    const bool is_default_domain = plain_domain(node.domain()).empty();
    const bool known = find_function(node) != nullptr || find_lowering(node.domain(), node.op_type()) != nullptr ||
                       find_custom(node) != nullptr || only_quantizes(node) ||
                       (is_default_domain &&
                        (is_built_in(node.op_type()) || is_supported_(node.op_type()) || is_evaluated(node.op_type())));
    const std::string name = full_name(original);
    if (!known && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

void Resolver::fail_unsupported(const Node& node) const {
  std::vector<std::string> names;
  list_unsupported(model_.graph(), names);
  names.erase(std::remove(names.begin(), names.end(), node.source_type), names.end());
  constexpr std::size_t kListed = 24;
  const std::size_t more = names.size() > kListed ? names.size() - kListed : 0;
  names.resize(names.size() - more);
  std::string others = names.empty() ? "" : fmt::format("; nor are {}", fmt::join(names, ", "));
  if (more > 0) others += fmt::format(" and {} more", more);
  fail(network_, node, fmt::format("operator is not supported{}; --custom FILE says how operators are timed", others));
}

}  // namespace lanewise::network::importing
