// SPDX-License-Identifier: Apache-2.0
// The planner of engines whose loaders stream whole inputs (`dma.kind: streams`).
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// One step per group of output channels. An input that does not fit the activation banks is split by output rows into
// cubes, and all groups are computed for each cube. A subgraph that does not use the array is one step. Throws Error
// naming subgraph and rule where not even the input of one output row, or the weights of one kernel, fit.
TilePlan plan_cubes(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
