// SPDX-License-Identifier: Apache-2.0
// Plans for engines whose loaders stream whole inputs (`dma.kind: streams`).
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// One step a group of output channels; an input that does not fit the activation banks is split by output rows into
// cubes, each with all groups. Subgraphs off the array are one step. Throws Error naming subgraph and rule when not
// even one output row's input, or one kernel's weights, fit.
TilePlan plan_cubes(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
