// SPDX-License-Identifier: Apache-2.0
// The planner of engines that work through a program of tiles (`dma.kind: tiles`).
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// The plan of the nominal tile, unless the search finds one that the list scheduler says is more than 2 % faster. In
// that case, of the plans within 2 % of the fastest, the one with the fewest DRAM bytes, and among those the one with
// the smallest peak of on-chip memory. Throws Error naming subgraph and rule where not even the smallest tile fits.
TilePlan plan_by_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
