// SPDX-License-Identifier: Apache-2.0
// Writes a network as an ONNX file that other tools take: operator set 17 or below, every shape stated.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/import.hpp"

namespace lanewise::network {

struct OnnxExport {
  // A file that the graph came from, before moves: weights of the same name and shape keep its numbers. "": none.
  std::string weights_from;
  // How that file is read, where the graph was read otherwise than by default: sizes, batch, custom operators.
  ImportOptions read_as = {};
  // Numbers of weights of the graph, each as many as it has elements, row-major: what was trained. They take precedence
  // over those of `weights_from` and become initializers; running statistics and other weights that count no trained
  // numbers (Tensor::trained 0) are listed in the file's metadata (weights.untrained), so that reading it counts none
  // either. Attributes that cost nothing still come from `weights_from`.
  std::map<TensorId, std::vector<float>> numbers = {};
};

// What became of the weights.
struct ExportedWeights {
  std::size_t given = 0;     // taken from `numbers`
  std::size_t kept = 0;      // taken from `weights_from`
  std::size_t stripped = 0;  // no numbers are known: typed inputs of the graph
};

// Writes `path` in one step: a file that is there already is replaced whole or not at all. The file passes ONNX's
// checker and its full shape inference, and reads back as a graph of equal operators, MACs, parameters and precisions.
// Throws Error naming operator and rule where a graph cannot be said in ONNX, or not with the same results where
// `numbers` are given; for numbers that do not fit their weight; and as reading `weights_from` does.
ExportedWeights export_onnx(const Graph& graph, const std::string& path, const OnnxExport& options = {});

}  // namespace lanewise::network
