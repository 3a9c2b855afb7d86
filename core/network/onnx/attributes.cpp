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

}  // namespace lanewise::network::importing
