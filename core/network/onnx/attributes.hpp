// SPDX-License-Identifier: Apache-2.0
// Reading a node's attributes, with the operator set's defaults given by the caller.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::network::importing {

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, const char* name);
std::int64_t integer(const onnx::NodeProto& node, const char* name, std::int64_t otherwise);
double real(const onnx::NodeProto& node, const char* name, double otherwise);
std::string text(const onnx::NodeProto& node, const char* name, const char* otherwise);
// Empty when absent.
std::vector<std::int64_t> integers(const onnx::NodeProto& node, const char* name);

}  // namespace lanewise::network::importing
