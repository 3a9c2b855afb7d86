// SPDX-License-Identifier: Apache-2.0
// Finds the graph inputs that are weights.
#pragma once

#include <onnx/onnx_pb.h>

#include <set>
#include <string>

namespace lanewise::network::importing {

// Metadata that names the graph inputs which are weights, one a line. Where a file has it, nothing is guessed.
inline constexpr const char* kWeightInputs = "weights.inputs";

// Metadata that names the initializers which hold no trained numbers, one a line: running statistics.
inline constexpr const char* kUntrained = "weights.untrained";
std::set<std::string> listed_untrained(const onnx::ModelProto& model);

// Names of the graph inputs that are read only as a weight: a convolution's second and third input, a matrix
// multiplication's right operand and so on, also within functions of the file and through operators that only reshape,
// convert or dequantise. In a file
// whose weights were stripped to inputs (`stripped`) an element-wise operand or a gathered table beside a computed
// tensor counts as well. No weight is what one step of a network hands to the next: an input that is named so (past,
// cache) or leaves the network again with what was appended to it. An input that an initializer of the same name gives
// a value is no graph input and not listed.
std::set<std::string> find_weight_inputs(const onnx::ModelProto& model, bool stripped);

}  // namespace lanewise::network::importing
