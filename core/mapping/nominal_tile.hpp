// SPDX-License-Identifier: Apache-2.0
// One tile size that follows from capacities and rates by formula: nothing is searched for and no step is written. The
// tiler compares it with what its search finds; estimators rest on it alone. docs/estimator.md gives every formula.
#pragma once

#include "core/mapping/bounds.hpp"
#include "core/mapping/tile_choice.hpp"

namespace lanewise::mapping {

struct NominalTile {
  TileChoice choice;                             // `estimate` and `dram_bytes` stay 0
  bool input_stays = true, weights_stay = true;  // on chip, if they are used again
  // DRAM bytes of the two loop orders.
  double traffic_weights_outside = 0, traffic_pixels_outside = 0;
};
// For engines with `dma.kind: tiles`. A choice that does not fit, however small its tiles, has 0 rows.
NominalTile nominal_tile(const TileProblem& problem, const Bounds& bounds);

// Rows (axis 0) or columns that tiles of `size` outputs read and compute: a tile in the middle, the first one, all
// together, halos as often as they are read.
struct AxisCuts {
  double tiles = 1, in_tile = 1, in_first = 1, in_all = 1, conv_tile = 1, conv_all = 1;
};
AxisCuts cut_axis(const SubgraphShape& shape, int axis, std::int64_t size);

}  // namespace lanewise::mapping
