// SPDX-License-Identifier: Apache-2.0
// From a subgraph and an engine to a tile plan: the planner of the engine's kind.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// A pure function: the same subgraph and engine give the same plan. Throws Error naming subgraph and rule where the
// subgraph does not fit the engine's memory.
TilePlan plan_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
