// SPDX-License-Identifier: Apache-2.0
// Tiles as Timeloop and its relatives write them: one line of loops, level by level from DRAM to the array's registers,
// "L3[WIO] K2 Q14 - L2[WI] N1 K16X - L1[O] S3 R3 C4 C16X - L0[W] P8". A loop is a letter (N batch, K output channels,
// C input channels, Q and P rows and columns of the output, S and R rows and columns of the kernel), how often it runs,
// and X where it lies across the array. The loops of the first level go over tiles, from the outermost to the
// innermost; the product of all others is the tile.
#pragma once

#include <string>

#include "core/mapping/given_tiles.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

inline constexpr std::size_t kLongestMapping = 1000;  // characters

// Throws Error that begins with the text, cut to what fits a line: for what is no such line, and where the loops over
// an axis do not cover the layer's. In matrix products P stands for rows.
GivenTiles parse_mapping(const std::string& text, const SubgraphShape& shape);

}  // namespace lanewise::mapping
