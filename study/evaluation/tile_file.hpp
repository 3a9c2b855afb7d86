// SPDX-License-Identifier: Apache-2.0
// Tables of tiles that a person fixes, layer by layer (`simulate --tiles FILE`; docs/gemmini.md).
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/given_tiles.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

struct TileRow {
  int line = 0;
  std::string layer;  // a subgraph, by its name or that of one of its operators; "*": all that no other row names
  mapping::GivenTiles tiles;
  std::string mapping;  // a line of loops instead (core/mapping/mapping_text.hpp)
};

struct TileTable {
  std::string path;
  std::vector<TileRow> rows;
};

// A CSV file with the column `layer` and any of `rows`, `columns`, `out_channels`, `in_channels`, `kernel_rows`,
// `kernel_columns` (an empty cell: all of it), `order` (loops over tiles by the names of these columns, the outermost
// first, blanks between them) and `mapping`. Throws Error naming file, line, column, value and rule.
TileTable read_tile_table(const std::string& path);

// Gives the subgraphs that rows name their tiles. Throws Error naming file and line for a row that names no subgraph,
// and for one whose tiles the engine cannot have, with the capacity that they break.
void give_tiles(const TileTable& table, const engine::EngineConfig& engine, mapping::Partition& partition);

}  // namespace lanewise::study
