// SPDX-License-Identifier: Apache-2.0
// Moves that rewrite a network, as an expert or a search makes them. They yield a new Graph and leave the given one as
// it is.
#pragma once

#include <string>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::network {

// An inverted bottleneck (1x1 expansion, KxK depthwise, 1x1 projection) that may become a fused one (full KxK
// expansion, 1x1 projection).
struct FusionSite {
  std::string block;  // name of the block
};

// Channel dimensions that must stay equal, since depthwise convolutions, additions or activations tie them, form a
// channel group. The groups that work at the same resolution of feature maps form a stage and are scaled together.
struct Stage {
  std::string name;  // "stage0" for the finest resolution, "stage1" …
  std::int64_t height = 0, width = 0;
  int free_groups = 0;  // channel groups that the depth multiplier of the stage scales
};

struct MoveSites {
  std::vector<FusionSite> fusions;  // in topological order
  std::vector<Stage> stages;        // finest first
  // "NAME: reason" for each channel group that cannot change, so that none is left out silently.
  std::vector<std::string> frozen;
};
// Where moves may be made in a graph.
MoveSites find_move_sites(const Graph& graph);

struct Moves {
  std::vector<bool> fuse;                // one per fusion site; empty: none is fused
  std::vector<double> depth_multiplier;  // one per stage, above 0; empty: all are 1
  // In every free group, channels are rounded to the nearest multiple of this, and to at least one multiple. With 1,
  // scaled channels are only rounded to whole numbers, and a depth multiplier of 1 changes nothing.
  std::int64_t channel_multiple = 1;
};

// The graph after the moves; default moves return an equal one. Throws Error where the number of entries does not match
// the sites, or a multiplier or multiple is out of range.
Graph apply(const Graph& graph, const Moves& moves);

}  // namespace lanewise::network
