// SPDX-License-Identifier: Apache-2.0
// Reads network files into Graphs.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/network/compression.hpp"
#include "core/network/custom_operator.hpp"
#include "core/network/graph.hpp"
#include "core/network/precisions.hpp"

namespace lanewise::network {

struct ImportOptions {
  // The first dimension of the graph inputs that are data. Unset: 1 where it is dynamic, the file's where it is fixed.
  // Where the file fixes it, shapes that the file states behind it are changed with it; Error where that cannot be
  // done.
  std::optional<std::int64_t> batch = std::nullopt;
  // Precision of all tensors, activations and weights, of a network in floating point; int8 where it is unset. The
  // precisions that a quantised file states take precedence.
  std::optional<Precision> precision;
  // Precision of the weights alone of a network in floating point; `precision` where it is unset.
  std::optional<Precision> weight_precision = std::nullopt;
  // Precisions of single layers, which take precedence over everything above and over the file. For a layer, `weights`
  // applies to the weights that it reads, `activations` to the tensors that it writes and to what an operator that only
  // reshapes or activates them writes. Where several lines match a layer, the last one holds.
  std::vector<LayerPrecision> layers = {};
  // Sizes of the graph inputs by their symbolic name in the file ("height"), or by input and axis ("image.2"), which
  // may also change a fixed one. 0 is an empty tensor. Error for a name that the file lacks.
  std::vector<std::pair<std::string, std::int64_t>> dims = {};
  // Values of graph inputs, which become constants: a number, true or false, or a list with commas between.
  std::vector<std::pair<std::string, std::string>> inputs = {};
  // How operators that are not known are timed.
  std::vector<CustomOperator> custom = {};
  // Which weights were pruned or clustered. Error where it is to be counted from numbers that the file lacks.
  Compression compression = {};
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
// Loops, scans and branches are written out, and recurrent operators step by step; what a trip count or a condition
// depends on must be constant or one of `options.inputs`. Tensors without elements vanish.
// Errors name the file, the node, its type and the rule: operator set, unsupported operator, unknown shape.
Graph import_network(const std::string& path, const ImportOptions& options = {});

}  // namespace lanewise::network
