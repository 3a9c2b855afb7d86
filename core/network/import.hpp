// SPDX-License-Identifier: Apache-2.0
// Network files to Graphs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/precisions.hpp"

namespace lanewise::network {

struct ImportOptions {
  // Replaces a dynamic first dimension of the graph inputs; a fixed one that differs from it is an Error.
  std::int64_t batch = 1;
  // Precision of a float network's tensors, weights and activations alike; unset: int8. A quantised file's own
  // precisions win.
  std::optional<Precision> precision;
  // Of a float network's weights alone; unset: as above.
  std::optional<Precision> weight_precision = std::nullopt;
  // Of single layers, over all that is said above and in the file: the weights that the operator reads, the tensors
  // that it, and what only reshapes or activates it, writes. The last line that matches holds.
  std::vector<LayerPrecision> layers = {};
};

// Reads an ONNX file (opset 9-17). Folds constants and shape arithmetic, fuses what exporters spell out
// (x*sigmoid(x) -> SiLU, x*hardsigmoid(x) -> hard swish …), takes QuantizeLinear/DequantizeLinear/QLinear* as
// precisions. An operator that no engine has becomes one for the host as long as its output shapes follow. Weights may
// be initializers (their numbers present or not), constants, or graph inputs that are only read as a weight; in a file
// whose metadata say weights = stripped:inputs also as an element-wise operand. Biases take their weight's precision.
// Outputs that depend on no input are left out. The graph is named after the file, without folder and suffix. Throws
// Error naming file, node, type and rule: missing, empty or truncated file, opset, unsupported operator, unknown shape.
Graph import_network(const std::string& path, const ImportOptions& options = {});

}  // namespace lanewise::network
