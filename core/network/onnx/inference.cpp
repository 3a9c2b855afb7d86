// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/inference.hpp"

#include <fmt/format.h>
#include <onnx/defs/schema.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/network/onnx/attributes.hpp"

namespace lanewise::network::importing {

namespace {

constexpr std::int64_t kLargestAttribute = std::int64_t{1} << 31;  // beyond, libonnx's sums could overflow
constexpr std::int64_t kLongestShape = 64;                         // values that could be dimensions, axes or factors

// libonnx divides by strides and group counts before anyone has looked at them.
void check_attributes(const Network& network, const Node& node) {
  std::set<std::string> names;
  for (const onnx::AttributeProto& attribute : node.proto->attribute()) {
    // Readers would not agree which one holds.
    if (!names.insert(attribute.name()).second) {
      fail(network, node, fmt::format("attribute '{}' stands twice", attribute.name()));
    }
  }
  for (const char* name : {"strides", "dilations", "kernel_shape"}) {
    for (const std::int64_t value : integers(*node.proto, name)) {
      if (value < 1 || value > kLargestAttribute) {
        fail(network, node, fmt::format("{} holds {}, which is not between 1 and {}", name, value, kLargestAttribute));
      }
    }
  }
  for (const std::int64_t value : integers(*node.proto, "pads")) {
    if (value > kLargestAttribute || value < -kLargestAttribute) {
      fail(network, node, fmt::format("pads holds {}", value));
    }
  }
  for (const char* name : {"group", "blocksize"}) {
    const std::int64_t value = integer(*node.proto, name, 1);
    if (value < 1 || value > kLargestAttribute) fail(network, node, fmt::format("{} is {}", name, value));
  }
}

// Its windowed operators read past the end of lists that are too short.
void check_window(const Network& network, const Node& node) {
  static const std::set<std::string> windowed = {"AveragePool", "Conv", "ConvTranspose", "MaxPool"};
  if (windowed.count(node.type) == 0 || node.inputs.empty() || node.inputs[0] == kNone) return;
  const std::size_t rank = network.value(node.inputs[0]).shape.size();
  if (rank < 3) fail(network, node, fmt::format("its input has {} dimensions; at least 3 are needed", rank));
  const bool is_convolution = node.type == "Conv" || node.type == "ConvTranspose";
  if (is_convolution &&
      (node.inputs.size() < 2 || node.inputs[1] == kNone || network.value(node.inputs[1]).shape.size() != rank)) {
    fail(network, node, fmt::format("does not have a weight of {} dimensions, as its input has", rank));
  }
  for (const char* name : {"strides", "dilations", "kernel_shape", "pads", "output_padding", "output_shape"}) {
    const std::size_t wanted = (std::string(name) == "pads" ? 2 : 1) * (rank - 2);
    const std::size_t given = integers(*node.proto, name).size();
    if (find_attribute(*node.proto, name) != nullptr && given != wanted) {
      fail(network, node, fmt::format("{} has {} entries; its input needs {}", name, given, wanted));
    }
  }
}

// What an inference function is given, by the names in the file.
struct KnownInputs {
  std::unordered_map<std::string, onnx::TypeProto> types;
  std::unordered_map<std::string, onnx::TypeProto*> type_pointers;
  std::unordered_map<std::string, onnx::TensorProto> data;
  std::unordered_map<std::string, const onnx::TensorProto*> data_pointers;

  KnownInputs(const Network& network, const Node& node, const std::vector<int>& input_types) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNone) continue;
      const std::string& name = node.proto->input(static_cast<int>(i));
      const Value& value = network.value(node.inputs[i]);
      onnx::TypeProto& type = types[name];
      type.mutable_tensor_type()->set_elem_type(input_types[i]);
      auto* shape = type.mutable_tensor_type()->mutable_shape();
      shape->clear_dim();
      for (const std::int64_t dimension : value.shape) shape->add_dim()->set_dim_value(dimension);
      type_pointers[name] = &type;
      const bool is_short = value.shape.size() <= 1 && element_count(value.shape).value_or(0) <= kLongestShape;
      const Constant* constant = is_short ? network.constant(node.inputs[i]) : nullptr;
      if (constant != nullptr) {
        data[name] = encode(*constant);
        data_pointers[name] = &data[name];
      }
    }
  }
};

// One line, whatever a library wrote.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

bool is_host_operator(const std::string& type) {
  static const std::set<std::string> refused = {"Einsum", "GRU", "LSTM", "Loop", "RNN", "Scan"};
  return refused.count(type) == 0 && type.rfind("Sequence", 0) != 0 && type.rfind("Optional", 0) != 0 &&
         onnx::OpSchemaRegistry::Schema(type, "") != nullptr;
}

std::vector<std::optional<Shape>> infer_shapes(const Network& network, const Node& node,
                                               const std::vector<int>& input_types, std::vector<int>& types) {
  check_attributes(network, node);
  check_window(network, node);
  const auto outputs = static_cast<std::size_t>(node.proto->output_size());
  const int unknown = onnx::TensorProto::FLOAT;
  types.assign(outputs, input_types.empty() || input_types[0] == 0 ? unknown : input_types[0]);
  std::vector<std::optional<Shape>> shapes(outputs);
  const onnx::OpSchema* schema = onnx::OpSchemaRegistry::Schema(node.type, node.opset, "");
  if (schema == nullptr) {
    // Gelu came to the default domain after operator set 17; here it is Microsoft's, and keeps its input's shape.
    if (node.type != "Gelu" || node.source_type == "Gelu" || node.inputs.empty() || node.inputs[0] == kNone) {
      fail(network, node, fmt::format("operator set {} has no such operator", node.opset));
    }
    shapes[0] = network.value(node.inputs[0]).shape;
    return shapes;
  }
  if (!schema->has_type_and_shape_inference_function()) return shapes;
  KnownInputs known(network, node, input_types);
  onnx::NodeProto proto = *node.proto;  // inference wants one that it may change
  onnx::shape_inference::InferenceContextImpl context(proto, known.type_pointers, known.data_pointers, {});
  try {
    schema->GetTypeAndShapeInferenceFunction()(context);
  } catch (const std::exception& error) {
    fail(network, node, one_line(error.what()));
  }
  for (std::size_t i = 0; i < outputs; ++i) {
    const onnx::TypeProto& type = context.allOutputTypes_[i];
    if (!type.has_tensor_type()) continue;
    if (type.tensor_type().elem_type() != 0) types[i] = type.tensor_type().elem_type();
    shapes[i] = complete_shape(type);
  }
  return shapes;
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
