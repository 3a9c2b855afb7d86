// SPDX-License-Identifier: Apache-2.0
// The planner: a subgraph and an engine in, a tile plan out. A pure function.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// The nominal tile's plan, where no choice of the search's is planned to be more than 2 % faster; else, of those
// planned to take as long as the fastest, within 2 %, the one with the fewest DRAM bytes, then the smallest peak.
// Deterministic. Throws Error naming subgraph and rule when not even the smallest tile fits.
TilePlan plan_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
