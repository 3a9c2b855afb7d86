// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/quantization.hpp"

#include <cctype>
#include <map>
#include <string>
#include <vector>

namespace lanewise::network::importing {

namespace {

struct PlainForm {
  const char* type;
  std::vector<int> inputs;  // positions of the tensors among the quantised operator's inputs
};

const std::map<std::string, PlainForm>& standard_forms() {
  static const std::map<std::string, PlainForm> table = {
      {"QLinearConv", {"Conv", {0, 3, 8}}},
      {"QLinearMatMul", {"MatMul", {0, 3}}},
      {"ConvInteger", {"Conv", {0, 1}}},
      {"MatMulInteger", {"MatMul", {0, 1}}},
  };
  return table;
}

const std::map<std::string, PlainForm>& microsoft_forms() {
  static const std::map<std::string, PlainForm> table = {
      {"QLinearAdd", {"Add", {0, 3}}},
      {"QLinearMul", {"Mul", {0, 3}}},
      {"QLinearSigmoid", {"Sigmoid", {0}}},
      {"QLinearLeakyRelu", {"LeakyRelu", {0}}},
      {"QLinearSoftmax", {"Softmax", {0}}},
      {"QLinearGlobalAveragePool", {"GlobalAveragePool", {0}}},
      {"QLinearAveragePool", {"AveragePool", {0}}},
      {"QLinearConv", {"Conv", {0, 3, 8}}},
      {"QLinearReduceMean", {"ReduceMean", {0}}},
      {"QLinearWhere", {"Where", {0, 1, 4}}},
      {"QGemm", {"Gemm", {0, 3, 6}}},
      {"MatMulInteger16", {"MatMul", {0, 1}}},
      {"Gelu", {"Gelu", {0}}},
      {"FastGelu", {"Gelu", {0}}},
  };
  return table;
}

onnx::NodeProto plain(const onnx::NodeProto& node, const char* type) {
  onnx::NodeProto result = node;
  result.set_op_type(type);
  result.clear_domain();
  result.clear_input();
  return result;
}

}  // namespace

std::optional<onnx::NodeProto> without_quantization(const onnx::NodeProto& node) {
  const bool is_microsoft = node.domain() == kMicrosoft;
  if (!is_microsoft && !node.domain().empty()) return std::nullopt;
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (is_microsoft && attribute.name() == "channels_last" && attribute.i() != 0) return std::nullopt;
  }
  if (is_microsoft && node.op_type() == "FastGelu" && node.input_size() > 1) return std::nullopt;
  if (is_microsoft && node.op_type() == "QLinearConcat") {
    // Output scale and zero point, then tensor, scale, zero point in turn.
    onnx::NodeProto result = plain(node, "Concat");
    for (int i = 2; i < node.input_size(); i += 3) result.add_input(node.input(i));
    return result;
  }
  const auto& forms = is_microsoft ? microsoft_forms() : standard_forms();
  const auto form = forms.find(node.op_type());
  if (form == forms.end()) return std::nullopt;
  onnx::NodeProto result = plain(node, form->second.type);
  for (const int position : form->second.inputs) {
    if (position < node.input_size()) result.add_input(node.input(position));
  }
  return result;
}

bool only_quantizes(const onnx::NodeProto& node) {
  return (node.op_type() == "QuantizeLinear" || node.op_type() == "DequantizeLinear" ||
          (node.op_type() == "DynamicQuantizeLinear" && node.domain().empty())) &&
         (node.domain().empty() || node.domain() == kMicrosoft);
}

std::optional<Precision> quantized_precision(int element_type) {
  switch (element_type) {
    case kUint2:
    case kInt2:
      return Precision::kInt2;
    case kUint4:
    case kInt4:
    case kFloat4E2M1:
      return Precision::kInt4;
    case onnx::TensorProto::INT8:
    case onnx::TensorProto::UINT8:
    case kFloat8E4M3Fn:
    case kFloat8E4M3Fnuz:
    case kFloat8E5M2:
    case kFloat8E5M2Fnuz:
    case kFloat8E8M0:
      return Precision::kInt8;
    case onnx::TensorProto::INT16:
    case onnx::TensorProto::UINT16:
      return Precision::kInt16;
    default:
      return std::nullopt;
  }
}

std::string annotated(Precision precision) {
  if (precision == Precision::kFp32) return "FLOAT32";
  if (precision == Precision::kFp16) return "FLOAT16";
  std::string type = to_string(precision);
  for (char& letter : type) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return type;
}

std::optional<Precision> from_annotation(const std::string& type) {
  const std::string signed_type = type.rfind("UINT", 0) == 0 ? type.substr(1) : type;
  if (signed_type == "BINARY" || signed_type == "BIPOLAR" || signed_type == "TERNARY" || signed_type == "INT1") {
    return Precision::kInt2;  // the narrowest that engines take
  }
  for (int i = 0; i < kPrecisionCount; ++i) {
    const auto precision = static_cast<Precision>(i);
    if (annotated(precision) == signed_type) return precision;
  }
  return std::nullopt;
}

}  // namespace lanewise::network::importing
