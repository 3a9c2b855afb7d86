// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/operators.hpp"

#include <map>

namespace lanewise::network::importing {

namespace {

OperatorConversion activation(ActivationFunction function) { return {&Converter::activation, function}; }

OperatorConversion elementwise(ElementwiseFunction function) {
  return {&Converter::elementwise, ActivationFunction::kNone, function};
}

// In alphabetical order. A function without an enumerator of its own stands for the one that costs the same: Ceil is
// taken as Floor, And as a comparison, a sine as the exponential function.
const std::map<std::string, OperatorConversion>& conversions() {
  static const std::map<std::string, OperatorConversion> table = {
      {"Abs", activation(ActivationFunction::kAbs)},
      {"Acos", activation(ActivationFunction::kExp)},
      {"Acosh", activation(ActivationFunction::kExp)},
      {"Add", elementwise(ElementwiseFunction::kAdd)},
      {"And", elementwise(ElementwiseFunction::kCompare)},
      {"ArgMax", {&Converter::reduction}},
      {"ArgMin", {&Converter::reduction}},
      {"Asin", activation(ActivationFunction::kExp)},
      {"Asinh", activation(ActivationFunction::kExp)},
      {"Atan", activation(ActivationFunction::kExp)},
      {"Atanh", activation(ActivationFunction::kExp)},
      {"AveragePool", {&Converter::pooling}},
      {"BatchNormalization", {&Converter::normalization}},
      {"Ceil", activation(ActivationFunction::kFloor)},
      {"Celu", activation(ActivationFunction::kElu)},
      {"Clip", {&Converter::clip}},
      {"Concat", {&Converter::concat}},
      {"Conv", {&Converter::convolution}},
      {"ConvTranspose", {&Converter::convolution}},
      {"Cos", activation(ActivationFunction::kExp)},
      {"Cosh", activation(ActivationFunction::kExp)},
      {"DepthToSpace", {&Converter::space_to_depth}},
      {"Div", elementwise(ElementwiseFunction::kDivide)},
      {"Elu", activation(ActivationFunction::kElu)},
      {"Equal", elementwise(ElementwiseFunction::kCompare)},
      {"Erf", activation(ActivationFunction::kErf)},
      {"Exp", activation(ActivationFunction::kExp)},
      {"Expand", {&Converter::repeat}},
      {"Flatten", {&Converter::reshape}},
      {"Floor", activation(ActivationFunction::kFloor)},
      {"Gather", {&Converter::gather}},
      {"Gelu", activation(ActivationFunction::kGelu)},
      {"Gemm", {&Converter::gemm}},
      {"GlobalAveragePool", {&Converter::global_pooling}},
      {"GlobalMaxPool", {&Converter::global_pooling}},
      {"Greater", elementwise(ElementwiseFunction::kCompare)},
      {"GreaterOrEqual", elementwise(ElementwiseFunction::kCompare)},
      {"GroupNormalization", {&Converter::normalization}},
      {"HardSigmoid", activation(ActivationFunction::kHardSigmoid)},
      {"HardSwish", activation(ActivationFunction::kHardSwish)},
      {"InstanceNormalization", {&Converter::normalization}},
      {"LRN", {&Converter::local_response}},
      {"LayerNormalization", {&Converter::normalization}},
      {"LeakyRelu", activation(ActivationFunction::kLeakyRelu)},
      {"Less", elementwise(ElementwiseFunction::kCompare)},
      {"LessOrEqual", elementwise(ElementwiseFunction::kCompare)},
      {"Log", activation(ActivationFunction::kLog)},
      {"LogSoftmax", {&Converter::softmax}},
      {"MatMul", {&Converter::matmul}},
      {"Max", elementwise(ElementwiseFunction::kMaximum)},
      {"MaxPool", {&Converter::pooling}},
      {"Mean", elementwise(ElementwiseFunction::kAdd)},
      {"MeanVarianceNormalization", {&Converter::normalization}},
      {"Min", elementwise(ElementwiseFunction::kMinimum)},
      {"Mish", activation(ActivationFunction::kSilu)},
      {"Mul", elementwise(ElementwiseFunction::kMultiply)},
      {"Neg", activation(ActivationFunction::kNegate)},
      {"Not", activation(ActivationFunction::kNegate)},
      {"Or", elementwise(ElementwiseFunction::kCompare)},
      {"PRelu", {&Converter::parametric_relu}},
      {"Pad", {&Converter::pad}},
      {"Pow", elementwise(ElementwiseFunction::kPower)},
      {"Reciprocal", activation(ActivationFunction::kReciprocal)},
      {"ReduceL1", {&Converter::reduction}},
      {"ReduceL2", {&Converter::reduction}},
      {"ReduceLogSumExp", {&Converter::reduction}},
      {"ReduceMax", {&Converter::reduction}},
      {"ReduceMean", {&Converter::reduction}},
      {"ReduceMin", {&Converter::reduction}},
      {"ReduceProd", {&Converter::reduction}},
      {"ReduceSum", {&Converter::reduction}},
      {"ReduceSumSquare", {&Converter::reduction}},
      {"Relu", activation(ActivationFunction::kRelu)},
      {"Reshape", {&Converter::reshape}},
      {"Resize", {&Converter::resize}},
      {"RotaryEmbedding", elementwise(ElementwiseFunction::kMultiply)},
      {"Round", activation(ActivationFunction::kFloor)},
      {"Selu", activation(ActivationFunction::kElu)},
      {"Shrink", activation(ActivationFunction::kRelu)},
      {"Sigmoid", activation(ActivationFunction::kSigmoid)},
      {"Sign", activation(ActivationFunction::kAbs)},
      {"Silu", activation(ActivationFunction::kSilu)},
      {"Sin", activation(ActivationFunction::kExp)},
      {"Sinh", activation(ActivationFunction::kExp)},
      {"Slice", {&Converter::slice}},
      {"Softmax", {&Converter::softmax}},
      {"Softplus", activation(ActivationFunction::kSoftplus)},
      {"Softsign", activation(ActivationFunction::kTanh)},
      {"SpaceToDepth", {&Converter::space_to_depth}},
      {"Split", {&Converter::split}},
      {"Sqrt", activation(ActivationFunction::kSqrt)},
      {"Squeeze", {&Converter::reshape}},
      {"Sub", elementwise(ElementwiseFunction::kSubtract)},
      {"Sum", elementwise(ElementwiseFunction::kAdd)},
      {"Tan", activation(ActivationFunction::kExp)},
      {"Tanh", activation(ActivationFunction::kTanh)},
      {"ThresholdedRelu", activation(ActivationFunction::kRelu)},
      {"Tile", {&Converter::repeat}},
      {"Transpose", {&Converter::transpose}},
      {"Unsqueeze", {&Converter::reshape}},
      {"Upsample", {&Converter::resize}},
      {"Where", elementwise(ElementwiseFunction::kSelect)},
      {"Xor", elementwise(ElementwiseFunction::kCompare)},
  };
  return table;
}

}  // namespace

const OperatorConversion* find_conversion(const std::string& type) {
  const auto row = conversions().find(type);
  return row == conversions().end() ? nullptr : &row->second;
}

bool is_converted(const std::string& type) { return find_conversion(type) != nullptr; }

}  // namespace lanewise::network::importing
