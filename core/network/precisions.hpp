// SPDX-License-Identifier: Apache-2.0
// The number formats in which the tensors of a network are timed, as users write them: for all tensors, or layer by
// layer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/precision.hpp"

namespace lanewise::network {

// A part that is unset says nothing about those tensors.
struct PrecisionPair {
  std::optional<Precision> weights, activations;
};

// Reads "int8", which holds for both, or "weights=int4,activations=int8", with either part alone or both in any order.
// Throws Error naming the text and the rule.
PrecisionPair parse_precisions(const std::string& text);

// One line of a file that gives precisions to layers.
struct LayerPrecision {
  std::string layer;  // name of an operator or of a graph input; '*' stands for any text
  PrecisionPair precision;
  std::string origin;  // "FILE:LINE"
};

// Reads a file whose lines each hold a layer and its precisions, separated by spaces; the rest of a line after '#' is a
// comment. Throws Error naming the file, the line and the rule.
std::vector<LayerPrecision> read_layer_precisions(const std::string& path);

// Whether `name` matches `pattern`, in which each '*' stands for any text.
bool matches(const std::string& pattern, const std::string& name);

}  // namespace lanewise::network
