// SPDX-License-Identifier: Apache-2.0
// Reading a node's attributes, with the operator set's defaults given by the caller.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::network::importing {

// An attribute of a Transpose that only says how numbers are looked at: they lie in memory as they did. No file has it;
// importers of formats that keep the channels last set it, and reading metadata of the same name (file.hpp).
inline constexpr const char* kMovesNothing = "moves_nothing";

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, const char* name);
std::int64_t integer(const onnx::NodeProto& node, const char* name, std::int64_t otherwise);
double real(const onnx::NodeProto& node, const char* name, double otherwise);
std::string text(const onnx::NodeProto& node, const char* name, const char* otherwise);
// Empty when absent.
std::vector<std::int64_t> integers(const onnx::NodeProto& node, const char* name);

// Attributes for nodes that the importer makes itself.
onnx::AttributeProto attribute(const char* name, std::int64_t value);
onnx::AttributeProto attribute(const char* name, double value);
onnx::AttributeProto attribute(const char* name, const char* value);
onnx::AttributeProto attribute(const char* name, const std::vector<std::int64_t>& values);

}  // namespace lanewise::network::importing
