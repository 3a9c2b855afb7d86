// SPDX-License-Identifier: Apache-2.0
// Quantised operators, as the plain operators that they stand for.
#pragma once

#include <onnx/onnx_pb.h>

#include <optional>

#include "core/base/precision.hpp"
#include "core/network/onnx/constant.hpp"

namespace lanewise::network::importing {

// QLinearConv, ConvInteger, QLinearMatMul, MatMulInteger and Microsoft's QLinearAdd, QLinearConcat … as the operator of
// the default domain on the same tensors, without scales and zero points. Nothing for other operators.
std::optional<onnx::NodeProto> without_quantization(const onnx::NodeProto& node);

// QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear: the output is the input in another number format.
bool only_quantizes(const onnx::NodeProto& node);

// The format that a quantised tensor's element type means; nothing for a type that does not quantise. Floating formats
// of four and eight bits are taken as whole numbers of as many: they move as many bytes.
std::optional<Precision> quantized_precision(int element_type);

// The precision of a tensor as files of QONNX state it: a quantization annotation with this key, whose value is the
// type of the numbers ("INT4").
inline constexpr const char* kPrecisionAnnotation = "finn_datatype";
std::string annotated(Precision precision);
// Nothing for a type that no precision stands for.
std::optional<Precision> from_annotation(const std::string& type);

}  // namespace lanewise::network::importing
