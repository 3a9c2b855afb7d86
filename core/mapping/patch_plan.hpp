// SPDX-License-Identifier: Apache-2.0
// The planner of engines that compute patches of output pixels side by side (`engine.patch_rows`).
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// For subgraphs that use the array: the tiles of core/mapping/patch_cut.hpp, group by group. Throws Error naming
// engine, subgraph and rule where not even the input of one pixel for one block, or the block's weights, fit.
TilePlan plan_by_patches(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
