// SPDX-License-Identifier: Apache-2.0
// The planner of engines that compute patches of output pixels side by side (`engine.patch_rows`).
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// For subgraphs that use the array and that refusal_of does not refuse: the tiles of core/mapping/patch_cut.hpp, group
// by group.
TilePlan plan_by_patches(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
