// SPDX-License-Identifier: Apache-2.0
// The importer of TensorFlow Lite files as the table of formats sees it.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace lanewise::network::tflite {

// Whether the bytes start as those of a TensorFlow Lite file: with the identifier TFL3 behind the root's place.
bool is_tflite(const std::string& first_bytes);

// The network of the file's first subgraph in ONNX's operators, its images with the channels second. Subgraphs that it
// calls are written out; what runs once before it, and entries of other names, are not part of it. Variables become
// inputs and outputs. Operators that are not known stand in the domain "tflite" under their name in the format. Throws
// Error naming the file and what is wrong with it, and the operator by its number and name.
onnx::ModelProto read_model(const std::string& path);

}  // namespace lanewise::network::tflite
