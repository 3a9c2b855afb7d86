// SPDX-License-Identifier: Apache-2.0
// The planner of engines whose loaders stream whole inputs (`dma.kind: streams`).
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// One step per group of output channels. What does not fit the banks is split into cubes (core/mapping/cube_cut.hpp),
// and all groups that read a cube are computed for it. A subgraph that does not use the array is one step. For
// subgraphs that refusal_of does not refuse.
TilePlan plan_cubes(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
