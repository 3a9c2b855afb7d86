// SPDX-License-Identifier: Apache-2.0
// The tile size that follows from capacities and rates by formula, without a search and without writing steps. The
// planner compares it with what its search finds; the analytical model rests on it alone. docs/estimator.md gives every
// formula.
#pragma once

#include "core/mapping/bounds.hpp"
#include "core/mapping/tile_choice.hpp"

namespace lanewise::mapping {

struct NominalTile {
  TileChoice choice;  // `estimate` and `dram_bytes` stay 0
  // The same with the reduction in parts, whose sums wait in the activation banks. 0 rows where that does not fit, or
  // the reduction is too short.
  TileChoice in_parts;
  bool input_stays = true, weights_stay = true;  // on chip, where they are used again
  // DRAM bytes of either loop order.
  double traffic_weights_outside = 0, traffic_pixels_outside = 0;
};
// For engines that work through tiles. The choice has 0 rows where not even the smallest tiles fit.
NominalTile nominal_tile(const TileProblem& problem, const Bounds& bounds);

// The rows (axis 0) or columns (axis 1) that tiles of `size` outputs read and compute: by a tile in the middle, by the
// first tile, and by all tiles together, where halos count as often as they are read.
struct AxisCuts {
  double tiles = 1, in_tile = 1, in_first = 1, in_all = 1, conv_tile = 1, conv_all = 1;
};
AxisCuts cut_axis(const SubgraphShape& shape, int axis, std::int64_t size);

}  // namespace lanewise::mapping
