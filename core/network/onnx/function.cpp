// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/function.hpp"

#include <google/protobuf/unknown_field_set.h>

#include <optional>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/file.hpp"

namespace lanewise::network::importing {

namespace {

// Fields that came to the format after Debian's description of it: protobuf keeps them as bytes.
constexpr int kFunctionDefaults = 11;  // FunctionProto.attribute_proto
constexpr int kFunctionOverload = 13;  // FunctionProto.overload
constexpr int kNodeOverload = 8;       // NodeProto.overload

template <class Message, class Take>
void each_unknown(const Message& message, int number, Take take) {
  const google::protobuf::UnknownFieldSet& fields = message.GetReflection()->GetUnknownFields(message);
  for (int i = 0; i < fields.field_count(); ++i) {
    const google::protobuf::UnknownField& field = fields.field(i);
    const bool is_bytes = field.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED;
    if (field.number() == number && is_bytes) take(field.length_delimited());
  }
}

template <class Message>
std::string unknown_text(const Message& message, int number) {
  std::string text;
  each_unknown(message, number, [&](const std::string& bytes) { text = bytes; });
  return text;
}

std::string plain_domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

std::optional<onnx::AttributeProto> value_of(const std::string& name, const onnx::NodeProto& call,
                                             const onnx::FunctionProto& function) {
  if (const onnx::AttributeProto* given = find_attribute(call, name.c_str())) return *given;
  std::optional<onnx::AttributeProto> result;
  each_unknown(function, kFunctionDefaults, [&](const std::string& bytes) {
    onnx::AttributeProto attribute;
    if (attribute.ParseFromString(bytes) && attribute.name() == name) result = std::move(attribute);
  });
  return result;
}

void substitute(onnx::NodeProto& node, const onnx::NodeProto& call, const onnx::FunctionProto& function) {
  google::protobuf::RepeatedPtrField<onnx::AttributeProto> attributes;
  for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
    if (attribute.ref_attr_name().empty()) {
      for (onnx::NodeProto& inner : *attribute.mutable_g()->mutable_node()) substitute(inner, call, function);
      if (attribute.g().node_size() == 0 && attribute.type() != onnx::AttributeProto::GRAPH) attribute.clear_g();
      *attributes.Add() = std::move(attribute);
    } else if (std::optional<onnx::AttributeProto> value = value_of(attribute.ref_attr_name(), call, function)) {
      value->set_name(attribute.name());
      *attributes.Add() = std::move(*value);
    }
  }
  node.mutable_attribute()->Swap(&attributes);
}

}  // namespace

bool is_call_of(const onnx::NodeProto& node, const onnx::FunctionProto& function) {
  return node.op_type() == function.name() && plain_domain(node.domain()) == plain_domain(function.domain()) &&
         unknown_text(node, kNodeOverload) == unknown_text(function, kFunctionOverload);
}

int opset_of(const onnx::FunctionProto& function, int otherwise) {
  for (const onnx::OperatorSetIdProto& import : function.opset_import()) {
    if (plain_domain(import.domain()).empty()) return checked_opset(import.version());
  }
  return otherwise;
}

onnx::NodeProto instantiate(const onnx::NodeProto& node, const onnx::NodeProto& call,
                            const onnx::FunctionProto& function, const std::set<std::string>& absent) {
  onnx::NodeProto result = node;
  substitute(result, call, function);
  for (std::string& input : *result.mutable_input()) {
    if (absent.count(input) > 0) input.clear();
  }
  return result;
}

}  // namespace lanewise::network::importing
