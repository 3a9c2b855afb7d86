// SPDX-License-Identifier: Apache-2.0
// A network as a vector of numbers: sizes, depths, widths and kinds of layers, at each resolution. It is computed from
// any graph, so that networks of different spaces and imported ones are described alike.
#pragma once

#include <string>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::nas {

struct TopologyFeature {
  std::string name;     // "macs_share.octave2"
  std::string meaning;  // one line
  // By how much networks commonly differ in it, in its own unit: what counts as far where nothing that was measured
  // differs.
  double scale = 1;
  // What it tells of, from the coarse to the fine: those who learn from few networks begin with the first.
  enum class Tier { kSize, kShape, kDetail } tier = Tier::kDetail;
};

// Resolutions are octaves: 0 is the edge of the input image, 1 half of it, and so on to 4 and below; "pooled" is a
// single position, behind a global pooling or in a linear layer. Layers are convolutions, linear layers and matrix
// products. Logarithms are natural, of 1 + n for counts that may be 0.
const std::vector<TopologyFeature>& topology_features();

// One finite number for each of topology_features(), the same for graphs that differ in names or precisions alone and
// whatever the batch. Takes some ten microseconds for a network of a hundred operators, without the recognition of its
// blocks.
std::vector<double> topology_features_of(const network::Graph& graph);

}  // namespace lanewise::nas
