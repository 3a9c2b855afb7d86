// SPDX-License-Identifier: Apache-2.0
// Reads the topology files of the simulator SCALE-Sim: a list of layers, one per line.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace lanewise::network::scale_sim {

// Whether the bytes start with the heading of a topology file: a first column "Layer" or "Layer name".
bool is_topology(const std::string& first_bytes);

// The layers of a file in ONNX's operators. Its heading says of which of two kinds they are: convolutions ("Layer name,
// IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides") or matrix products ("Layer,
// M, N, K"). Sizes are in elements, those of an input map with its padding. The format does not say which layer reads
// which, so every layer has an input and an output of the network of its own. A convolution of one channel right behind
// a layer that writes as many channels as it has filters is a depthwise one. Throws Error naming file, line and rule.
onnx::ModelProto read_model(const std::string& path);

}  // namespace lanewise::network::scale_sim
