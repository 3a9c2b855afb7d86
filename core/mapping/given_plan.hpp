// SPDX-License-Identifier: Apache-2.0
// The plan of tiles that are given (core/mapping/given_tiles.hpp): every tile loads its own input and weights, nothing
// of the tile before is used again, and a tile's outputs are stored with the last part of its reduction. While a tile
// is computed the next one is loaded; the one after that comes once it is stored.
//
// Where `memory.unified` is set the next tile is loaded even where the two do not fit side by side: measured rows of
// Gemmini agree with that and not with waiting (docs/gemmini.md). That its units order accesses row by row, so that
// loads follow on the rows that the tile at work is done with, is a guess.
#pragma once

#include <string>

#include "core/engine/engine_config.hpp"
#include "core/mapping/given_tiles.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// "", or why tiles cannot be given for the subgraph on the engine, whatever their sizes.
std::string not_for_given_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine);

// Whether the layer is a matrix product, which a 1x1 convolution of a map one pixel wide is: the rows of the map are
// those of the matrix, and count as one row of pixels.
bool is_matrix(const SubgraphShape& shape);

// The tiles with every size from 1 to that of the layer: 0 or more than it stand for all of it.
GivenTiles whole_sizes(const SubgraphShape& shape, const GivenTiles& tiles);

// "", or which capacity `parts` tiles of these sizes break, side by side. One tile is counted by its bytes of data, as
// whoever gives it does; several as they lie in rows of a scratchpad, where channels that do not fill the array take
// room all the same.
std::string broken_capacity(const Subgraph& subgraph, const engine::EngineConfig& engine, const GivenTiles& tiles,
                            std::int64_t parts = 1);

// "", or why there is no plan of these tiles: the capacity that they break, or the limit on a plan's steps.
std::string refusal_of_given(const Subgraph& subgraph, const engine::EngineConfig& engine, const GivenTiles& tiles);

// Throws Error naming the subgraph and that reason.
TilePlan plan_given_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine, const GivenTiles& tiles);

}  // namespace lanewise::mapping
