// SPDX-License-Identifier: Apache-2.0
// How a subgraph is cut on engines that compute patches of output pixels side by side (`engine.patch_rows`). Nothing is
// searched: each patch is a tile. The planner writes the tiles out, the analytical model counts them.
// docs/engine/neureka.md says what is cut when.
#pragma once

#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_choice.hpp"

namespace lanewise::mapping {

struct PatchCut {
  // One of `groups` equal groups that come one after the other, as a dense subgraph. Groups that the array takes
  // together are one. Tokens that fill patches lie along the width of a single image.
  Subgraph group;
  std::int64_t groups = 1;
  TileChoice choice;  // of a group; it has 0 rows where not even the input of one pixel for one block fits
};

// For subgraphs that use the array. A tile has the pixels of one patch and as many output channels as the accumulators
// have sums for, and takes one block of the reduction at a time. Where the input of a patch does not fit the banks, the
// patch is made smaller. Tokens fill whole patches: of a map that is one pixel wide or high, with a 1x1 kernel of
// stride 1, each pixel is computed by itself, so that patches need not be rectangles of it.
PatchCut patch_cut(const Subgraph& subgraph, const engine::EngineConfig& engine);
// Whether the choice of patch_cut has rows, found from its smallest patch, a single pixel: a larger one needs no less.
bool patch_fits(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
