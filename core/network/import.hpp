// SPDX-License-Identifier: Apache-2.0
// Reads network files into Graphs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/precisions.hpp"

namespace lanewise::network {

struct ImportOptions {
  // The value of a dynamic first dimension of the graph inputs. A fixed first dimension of another value is an Error.
  std::int64_t batch = 1;
  // Precision of all tensors, activations and weights, of a network in floating point; int8 where it is unset. The
  // precisions that a quantised file states take precedence.
  std::optional<Precision> precision;
  // Precision of the weights alone of a network in floating point; `precision` where it is unset.
  std::optional<Precision> weight_precision = std::nullopt;
  // Precisions of single layers, which take precedence over everything above and over the file. For a layer, `weights`
  // applies to the weights that it reads, `activations` to the tensors that it writes and to what an operator that only
  // reshapes or activates them writes. Where several lines match a layer, the last one holds.
  std::vector<LayerPrecision> layers = {};
};

// Reads a network file in one of the formats of formats.hpp. The graph is named after the file, without folder and
// suffix. Throws Error naming the file and the rule: a missing, empty or truncated file, a format that nothing reads.
//
// ONNX files have operator set 9 to 17. Constants and shape arithmetic are folded. Operators that exporters spell out
// are recognised (x * sigmoid(x) is SiLU, x * hardsigmoid(x) is hard swish …). QuantizeLinear, DequantizeLinear and
// QLinear* operators become precisions. An operator that no engine runs becomes one of the host, as long as the shapes
// of its outputs are known. Weights may be initializers, with or without their numbers, constants, or graph inputs that
// are only read as a weight; in a file whose metadata say weights = stripped:inputs, also graph inputs read as an
// element-wise operand. Biases take the precision of their weights. Outputs that depend on no input are left out.
// Errors name the file, the node, its type and the rule: operator set, unsupported operator, unknown shape.
Graph import_network(const std::string& path, const ImportOptions& options = {});

}  // namespace lanewise::network
