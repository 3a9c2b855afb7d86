// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/analytical_tile.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// The analytical model of subgraphs that use the array of an engine that computes patches of output pixels
// (`engine.patch_rows`). A patch takes the place of a tile.
mapping::AnalyticalTile analytical_patch(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::estimator
