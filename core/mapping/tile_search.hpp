// SPDX-License-Identifier: Apache-2.0
// The search for tile sizes, loop orders and buffers that fit an engine. It ranks them by an estimate of their cost.
#pragma once

#include <cstddef>
#include <vector>

#include "core/mapping/tile_choice.hpp"

namespace lanewise::mapping {

// The best choices, the best one first: those with the lowest cost by the estimate, among equals those with the fewest
// DRAM bytes, then those with the smallest peak. At most `most` choices, and none that costs more than `margin` times
// the best. Empty where nothing fits.
std::vector<TileChoice> choose_tiles(const TileProblem& problem, std::size_t most, double margin);

}  // namespace lanewise::mapping
