// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/attributes.hpp"

namespace lanewise::network::importing {

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, const char* name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

std::int64_t integer(const onnx::NodeProto& node, const char* name, std::int64_t otherwise) {
  const onnx::AttributeProto* attribute = find_attribute(node, name);
  return attribute == nullptr ? otherwise : attribute->i();
}

double real(const onnx::NodeProto& node, const char* name, double otherwise) {
  const onnx::AttributeProto* attribute = find_attribute(node, name);
  return attribute == nullptr ? otherwise : static_cast<double>(attribute->f());
}

std::string text(const onnx::NodeProto& node, const char* name, const char* otherwise) {
  const onnx::AttributeProto* attribute = find_attribute(node, name);
  return attribute == nullptr ? otherwise : attribute->s();
}

std::vector<std::int64_t> integers(const onnx::NodeProto& node, const char* name) {
  const onnx::AttributeProto* attribute = find_attribute(node, name);
  if (attribute == nullptr) return {};
  return {attribute->ints().begin(), attribute->ints().end()};
}

namespace {

onnx::AttributeProto named(const char* name, onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto result;
  result.set_name(name);
  result.set_type(type);
  return result;
}

}  // namespace

onnx::AttributeProto attribute(const char* name, std::int64_t value) {
  onnx::AttributeProto result = named(name, onnx::AttributeProto::INT);
  result.set_i(value);
  return result;
}

onnx::AttributeProto attribute(const char* name, double value) {
  onnx::AttributeProto result = named(name, onnx::AttributeProto::FLOAT);
  result.set_f(static_cast<float>(value));
  return result;
}

onnx::AttributeProto attribute(const char* name, const char* value) {
  onnx::AttributeProto result = named(name, onnx::AttributeProto::STRING);
  result.set_s(value);
  return result;
}

onnx::AttributeProto attribute(const char* name, const std::vector<std::int64_t>& values) {
  onnx::AttributeProto result = named(name, onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) result.add_ints(value);
  return result;
}

}  // namespace lanewise::network::importing
