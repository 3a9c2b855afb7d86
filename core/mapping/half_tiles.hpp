// SPDX-License-Identifier: Apache-2.0
// Tiles by the rule of libraries that do not search: as large as fits half of the on-chip memory and half of the
// accumulators, so that two are on chip at once (`mapping.half_tiles`). The rule is that of Gemmini's library:
// convolutions shrink the longest axis until a tile fits, then grow columns, then each axis in turn; matrix products
// start from the largest square of sums and grow.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/given_tiles.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// Rows outside, then columns, output channels, kernel rows and columns, and input channels within; of matrices rows,
// output channels, input channels. Where not even tiles of 1 fit half, the smallest.
GivenTiles half_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
