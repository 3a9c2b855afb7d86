// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/inference.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

using Form = onnx::AttributeProto;

constexpr std::int64_t kLargestAttribute = std::int64_t{1} << 31;  // beyond, sums of sizes could overflow

// The form of every attribute that is read under its name, whatever the operator.
const std::map<std::string, Form::AttributeType>& forms() {
  static const std::map<std::string, Form::AttributeType> table = [] {
    std::map<std::string, Form::AttributeType> result;
    for (const char* name : {"allowzero",
                             "axis",
                             "batch_axis",
                             "batch_dims",
                             "block_size",
                             "blocksize",
                             "broadcast",
                             "ceil_mode",
                             "count_include_pad",
                             "detect_negative",
                             "detect_positive",
                             "dtype",
                             "exclusive",
                             "group",
                             "hidden_size",
                             "ignore_index",
                             "inverse",
                             "is_causal",
                             "k",
                             "keepdims",
                             "kv_num_heads",
                             "largest",
                             "layout",
                             "new_axis",
                             "noop_with_empty_axes",
                             "num_groups",
                             "num_heads",
                             "num_outputs",
                             "num_scan_inputs",
                             "onesided",
                             "output_datatype",
                             "output_dtype",
                             "output_height",
                             "output_width",
                             "q_num_heads",
                             "sample_size",
                             "saturate",
                             "select_last_index",
                             "size",
                             "sorted",
                             "storage_order",
                             "time_axis",
                             "to",
                             "training_mode",
                             "transA",
                             "transB",
                             "upper",
                             "value_int"}) {
      result[name] = Form::INT;
    }
    for (const char* name :
         {"axes", "dilations", "ends", "kernel_shape", "ngram_indexes", "output_padding", "output_shape", "paddings",
          "pads", "perm", "pooled_shape", "shape", "split", "starts", "strides", "value_ints"}) {
      result[name] = Form::INTS;
    }
    for (const char* name : {"alpha", "beta", "epsilon", "gamma", "height_scale", "max", "min", "momentum",
                             "value_float", "width_scale"}) {
      result[name] = Form::FLOAT;
    }
    for (const char* name : {"approximate", "auto_pad", "coordinate_transformation_mode", "direction", "equation",
                             "keep_aspect_ratio_policy", "mode", "nearest_mode", "reduction"}) {
      result[name] = Form::STRING;
    }
    for (const char* name : {"scales", "value_floats"}) result[name] = Form::FLOATS;
    for (const char* name : {"body", "else_branch", "then_branch"}) result[name] = Form::GRAPH;
    return result;
  }();
  return table;
}

const char* form_name(int form) {
  switch (form) {
    case Form::INT:
      return "a whole number";
    case Form::INTS:
      return "a list of whole numbers";
    case Form::FLOAT:
      return "a real number";
    case Form::FLOATS:
      return "a list of real numbers";
    case Form::STRING:
      return "a text";
    case Form::TENSOR:
      return "a tensor";
    case Form::GRAPH:
      return "a graph";
    default:
      return "something else";
  }
}

// Readers take an attribute in the one form that its name promises.
void check_forms(const Network& network, const Node& node) {
  constexpr int kCastByNumber = 6;  // before this operator set a cast named its type
  std::set<std::string> names;
  for (const onnx::AttributeProto& attribute : node.proto->attribute()) {
    // Readers would not agree which one holds.
    if (!names.insert(attribute.name()).second) {
      fail(network, node, fmt::format("attribute '{}' stands twice", attribute.name()));
    }
    const auto wanted = forms().find(attribute.name());
    if (wanted == forms().end() || attribute.type() == Form::UNDEFINED || attribute.type() == wanted->second) continue;
    if (attribute.name() == "to" && node.opset < kCastByNumber && attribute.type() == Form::STRING) continue;
    fail(network, node,
         fmt::format("attribute '{}' is {}, where {} is needed", attribute.name(), form_name(attribute.type()),
                     form_name(wanted->second)));
  }
}

void check_values(const Network& network, const Node& node) {
  for (const char* name : {"strides", "dilations", "kernel_shape"}) {
    for (const std::int64_t value : integers(*node.proto, name)) {
      if (value < 1 || value > kLargestAttribute) {
        fail(network, node, fmt::format("{} holds {}, which is not between 1 and {}", name, value, kLargestAttribute));
      }
    }
  }
  for (const char* name : {"pads", "paddings", "output_padding"}) {
    for (const std::int64_t value : integers(*node.proto, name)) {
      if (value > kLargestAttribute || value < -kLargestAttribute) {
        fail(network, node, fmt::format("{} holds {}", name, value));
      }
    }
  }
  for (const char* name : {"group", "blocksize"}) {
    const std::int64_t value = integer(*node.proto, name, 1);
    if (value < 1 || value > kLargestAttribute) fail(network, node, fmt::format("{} is {}", name, value));
  }
}

// Empty names at the end stand for nothing.
std::size_t named(const google::protobuf::RepeatedPtrField<std::string>& names) {
  int count = names.size();
  while (count > 0 && names.Get(count - 1).empty()) --count;
  return static_cast<std::size_t>(count);
}

std::string wanted(std::size_t least, std::size_t most) {
  if (most == kMany) return fmt::format("at least {}", least);
  return least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most);
}

void check_counts(const Network& network, const Node& node, const Rule& rule) {
  const std::size_t inputs = named(node.proto->input());
  if (inputs < rule.least_inputs || inputs > rule.most_inputs) {
    fail(network, node,
         fmt::format("has {} inputs, where {} are needed", inputs, wanted(rule.least_inputs, rule.most_inputs)));
  }
  for (std::size_t i = 0; i < rule.least_inputs; ++i) {
    if (node.proto->input(static_cast<int>(i)).empty()) fail(network, node, fmt::format("has no input {}", i));
  }
  const std::size_t outputs = named(node.proto->output());
  if (outputs > rule.most_outputs) {
    fail(network, node, fmt::format("has {} outputs, where at most {} are possible", outputs, rule.most_outputs));
  }
}

}  // namespace

bool is_host_operator(const std::string& type) {
  const Rule* rule = find_rule(type);
  return rule != nullptr && rule->reach == Reach::kHost;
}

void check_node(const Network& network, const Node& node) {
  const Rule* rule = find_rule(node.type);
  if (rule == nullptr) return;
  check_forms(network, node);
  check_values(network, node);
  check_counts(network, node, *rule);
}

std::vector<std::optional<Shape>> infer_shapes(const Network& network, const Node& node,
                                               const std::vector<int>& input_types, std::vector<int>& types) {
  const Rule* rule = find_rule(node.type);
  if (rule == nullptr || rule->derive == nullptr) fail(network, node, "operator is not supported");
  Query query(network, node, input_types);
  rule->derive(query);
  types = std::move(query.types);
  return std::move(query.shapes);
}

std::optional<Shape> complete_shape(const onnx::TypeProto& type) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape()) return std::nullopt;
  Shape shape;
  for (const auto& dimension : type.tensor_type().shape().dim()) {
    if (!dimension.has_dim_value()) return std::nullopt;
    shape.push_back(dimension.dim_value());
  }
  return shape;
}

}  // namespace lanewise::network::importing
