// SPDX-License-Identifier: Apache-2.0
// Searches the tile sizes, loop orders and buffers that fit an engine, by an estimate of what each costs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/mapping/tile_choice.hpp"

namespace lanewise::mapping {

// The tiles of an engine that computes patches: as many pixels as a patch has and as many output channels as have sums
// there; one block of the reduction at a time; a patch whose input does not fit the banks is made smaller. Throws Error
// naming the subgraph when not even one pixel's input fits.
TileChoice choose_patches(const TileProblem& problem, const std::string& name);

// The choices with the smallest estimate, then the fewest DRAM bytes, then the smallest peak: the best first, at most
// `most`, none estimated at more than `margin` times the best. Throws Error naming the subgraph when nothing fits.
std::vector<TileChoice> choose_tiles(const TileProblem& problem, const std::string& name, std::size_t most,
                                     double margin);

}  // namespace lanewise::mapping
