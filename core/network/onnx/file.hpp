// SPDX-License-Identifier: Apache-2.0
// Reading and checking an ONNX file, before anything in it is understood.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace lanewise::network::importing {

// Versions of the default operator set whose files are read. Nothing was taken away before the newest, and what changed
// its meaning on the way is told apart (rules/rule.hpp).
inline constexpr int kOldestOpset = 1;
inline constexpr int kNewestOpset = 23;

// Metadata that names the Transposes which move nothing (attributes.hpp), one a line.
inline constexpr const char* kLayoutNodes = "layout.nodes";

// The model of an ONNX file, or what a file of another format amounts to in ONNX's operators. Throws Error naming the
// file: it cannot be read, is empty, truncated or of no known format, or its operator set is not one of these.
onnx::ModelProto read_file(const std::string& path);

// The version of the default operator set that the model imports.
int opset(const onnx::ModelProto& model);

// A version number of a file, held within what an int of ours counts.
int checked_opset(std::int64_t version);

// Whether the metadata key `weights` says `stripped:inputs`: initializers were turned into typed graph inputs.
bool has_stripped_weights(const onnx::ModelProto& model);

}  // namespace lanewise::network::importing
