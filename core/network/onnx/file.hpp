// SPDX-License-Identifier: Apache-2.0
// Reading and checking an ONNX file, before anything in it is understood.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace lanewise::network::importing {

// Throws Error naming the file: it cannot be read, is empty, truncated or no ONNX model, or its operator set is not
// 9-17.
onnx::ModelProto read_file(const std::string& path);

// The version of the default operator set that the model imports.
int opset(const onnx::ModelProto& model);

// A version number of a file, held within what an int of ours counts.
int checked_opset(std::int64_t version);

// Whether the metadata key `weights` says `stripped:inputs`: initializers were turned into typed graph inputs.
bool has_stripped_weights(const onnx::ModelProto& model);

}  // namespace lanewise::network::importing
