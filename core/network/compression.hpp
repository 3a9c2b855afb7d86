// SPDX-License-Identifier: Apache-2.0
// Which layers of a network have weights that were pruned or clustered: as a file says, as their numbers show, or as
// if.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/weight_form.hpp"

namespace lanewise::network {

// What one entry of a file says of layers.
struct LayerForm {
  std::string layer;  // name of an operator; '*' stands for any text
  WeightForm form;
  std::string origin;  // "FILE:LINE"
};

struct Compression {
  bool counted = false;  // from the numbers of the network's file
  // As if: the layers that prunes() names, pruned so and clustered so. Unset: as they are.
  std::optional<WeightForm> prune;       // structure and density
  std::optional<std::int64_t> clusters;  // the palette's size
  // Of single layers, which take precedence over all above. Where several match a layer, the last one holds.
  std::vector<LayerForm> layers;
  bool empty() const { return !counted && !prune && !clusters && layers.empty(); }
};

// "2:4", or a share that is left such as "0.35", above 0 and below 1. Throws Error naming the text and the rule.
WeightForm parse_prune(const std::string& text);
// N:M alone, with the density N / M. Throws Error naming the text and the rule.
WeightForm parse_structure(const std::string& text);

// Whether the layer has a weight that may have a form: convolutions and fully connected layers.
bool has_form(const Operator& op);
// Input channels of one group: what N:M runs along. `op` has a form.
std::int64_t inputs_per_group(const Graph& graph, const Operator& op);

// By operator: whether `--prune` and `--cluster` change it. Convolutions and fully connected layers, but not depthwise
// convolutions, which have few weights and lose most by it, and not the first layer: one that reads the network's
// inputs, perhaps through operators without weights of their own to multiply by.
std::vector<bool> prunable(const Graph& graph);

// The same network with weights of these forms. `numbers` of its weights are wanted where `how.counted` is set: by
// operator, row-major, empty where it has no form. Throws Error naming the entry and the rule: an entry that matches no
// layer with a form, N:M along input channels that are no multiple of M, a weight that two layers share and that gets
// two forms, a what-if that no layer takes.
Graph with_compression(const Graph& graph, const Compression& how, const std::vector<std::vector<float>>& numbers = {});

// The form that the numbers of a layer's weight show. `shape` is the weight's; `groups` and `transposed` are the
// operator's; `bits` those of the precision that it is timed in. Zeros are exact. Of structures N:M with M = 2, 4, 8
// and 16 that divides the input channels of a group, that with the smallest N / M, and of equal ones the smallest M. A
// palette is counted where its indices take fewer bits than the weight, at most 8, and each value stands twice on
// average.
WeightForm counted_form(const std::vector<float>& numbers, const std::vector<std::int64_t>& shape, std::int64_t groups,
                        bool transposed, int bits);

// Weights that are not zero, rounded: elements of the tensor times its density.
std::int64_t nonzeros(const Tensor& weight);

}  // namespace lanewise::network
