// SPDX-License-Identifier: Apache-2.0
// Which number formats a network's tensors are timed in, as people write it: for all of them, or layer by layer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/precision.hpp"

namespace lanewise::network {

// Unset: not spoken of.
struct PrecisionPair {
  std::optional<Precision> weights, activations;
};

// "int8" for both, or "weights=int4,activations=int8", either part alone or both in any order. Throws Error naming the
// text and the rule.
PrecisionPair parse_precisions(const std::string& text);

// One line of a file of layers.
struct LayerPrecision {
  std::string layer;  // name of an operator or of a graph input; '*' stands for any text
  PrecisionPair precision;
  std::string origin;  // "FILE:LINE"
};

// A layer and its precisions on each line, apart by spaces; what follows a '#' is a remark. Throws Error naming file,
// line and rule.
std::vector<LayerPrecision> read_layer_precisions(const std::string& path);

// Whether `pattern` with its '*' stands for `name`.
bool matches(const std::string& pattern, const std::string& name);

}  // namespace lanewise::network
