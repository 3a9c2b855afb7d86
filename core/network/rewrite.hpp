// SPDX-License-Identifier: Apache-2.0
// Rewriting moves: what an expert, or a search, does to a network. Each yields a new Graph; the input is untouched.
#pragma once

#include <string>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::network {

// An IBN (expand 1x1, depthwise KxK, project 1x1) that may become a fused IBN (full KxK expand, project 1x1).
struct FusionSite {
  std::string block;  // name of the block
};

// Channel dimensions that must stay equal (tied by depthwise convolutions, additions, activations …) form a group;
// groups that work at one feature-map resolution form a stage and are scaled together.
struct Stage {
  std::string name;  // "stage0" (finest resolution) …
  std::int64_t height = 0, width = 0;
  int free_groups = 0;  // channel groups that the stage's depth multiplier scales
};

struct MoveSites {
  std::vector<FusionSite> fusions;  // in topological order
  std::vector<Stage> stages;        // finest first
  std::vector<std::string>
      frozen;  // "NAME: reason" of each channel group that cannot change, so that nothing is dropped silently
};
MoveSites find_move_sites(const Graph& graph);

struct Moves {
  std::vector<bool> fuse;                // one a fusion site; empty: none
  std::vector<double> depth_multiplier;  // one a stage, > 0; empty: all 1
  // Channels are rounded to the nearest multiple (>= 1 of it) of this in every free group; 1: scaled channels are
  // rounded to whole numbers only, and with multiplier 1 nothing changes.
  std::int64_t channel_multiple = 1;
};

// Default moves return an equal graph. Throws Error when sizes do not match the sites.
Graph apply(const Graph& graph, const Moves& moves);

}  // namespace lanewise::network
