// SPDX-License-Identifier: Apache-2.0
// What a single layer's numbers become: its weight pruned or clustered, its precisions. As searches and advice choose
// them, one layer at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/network/compression.hpp"
#include "core/network/graph.hpp"
#include "core/network/precisions.hpp"

namespace lanewise::network {

// A part that is unset leaves the layer as it is.
struct LayerNumbers {
  std::optional<WeightForm> prune;       // structure and density, as of `--prune`
  std::optional<std::int64_t> clusters;  // the palette's size, as of `--cluster`
  PrecisionPair precision;               // of the layer's weights, and of what it writes
  bool empty() const { return !prune && !clusters && !precision.weights && !precision.activations; }
};

// Reads "int4", "weights=int4", "weights=int4,activations=int8", "2:4", "0.5", "2:4 + 0.3" and "16 clusters", with " +
// " between several. Throws Error naming the text and the rule, also where two say the same of a layer.
LayerNumbers parse_layer_numbers(const std::string& text);
// The inverse of parse_layer_numbers; "" where nothing is set.
std::string to_string(const LayerNumbers& numbers);

// What pruning and clustering make of a weight: zeros and palettes that are there already stay.
WeightForm as_if(const WeightForm& was, const LayerNumbers& numbers);
// Whether the layer's input channels, of one group, are a multiple of M. `op` has a form.
bool takes(const Graph& graph, const Operator& op, const WeightForm& form);

// The same network with these numbers. `numbers`: one for each operator; of those without a form it must be empty. N:M
// along input channels that are no multiple of M leaves that weight as it is. What a layer writes keeps its precision
// through activation, normalization and reshaping. Of a weight that layers share the first of them decides.
Graph with_layer_numbers(const Graph& graph, const std::vector<LayerNumbers>& numbers);

// The precisions of all layers that have a form as a file of `--layer-precision`, which reads back the same. White
// space and '#' of a name become '*'. Throws Error naming `path` where a line cannot name a layer alone, or the network
// has no such layer.
std::string layer_precisions_text(const Graph& graph, const std::string& path);

}  // namespace lanewise::network
