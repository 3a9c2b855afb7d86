// SPDX-License-Identifier: Apache-2.0
// Private to this module: a subgraph's first tiles, as numbers and as a chart over time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/record/timeline.hpp"

namespace lanewise::report {

inline constexpr std::size_t kFirstTiles = 8;

// From the first to the last busy cycle.
struct TileSpan {
  double begin = 0, end = 0;
};
// Of every unit, when it worked on each of the first `tiles` of a timeline of one subgraph: [unit][tile].
std::vector<std::vector<std::optional<TileSpan>>> tile_spans(const record::Timeline& timeline, std::size_t tiles);

// How the subgraph is cut into tiles, what is on chip, what moves; lines indented by two.
std::string plan_lines(const mapping::SubgraphShape& shape, const mapping::TilePlan& plan);
// What each of the first tiles loads, computes and stores.
std::string tile_work_table(const mapping::TilePlan& plan);
// When each unit worked on each of the first tiles; "" where no unit works by tiles.
std::string tile_time_table(const record::Timeline& timeline, std::size_t tiles);
// Units as rows, time as columns, until the last of the first tiles is done; "" for an empty timeline.
std::string tile_chart(const record::Timeline& timeline, std::size_t tiles);

}  // namespace lanewise::report
