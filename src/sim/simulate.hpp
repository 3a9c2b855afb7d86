// SPDX-License-Identifier: Apache-2.0
// The one door of the SystemC engine.
#pragma once

#include "engine/engine_config.hpp"
#include "mapping/subgraph.hpp"
#include "mapping/tile_plan.hpp"
#include "record/measurement.hpp"

namespace lanewise::sim {

// Runs one pass on the engine from a quiet start and returns what its units did. The result depends on the arguments
// alone, whatever this process simulated before. One kernel a process: not for use from several threads.
// Throws Error for a plan that cannot run, InternalError for a deadlock.
record::Measurement simulate(const mapping::TilePlan& plan, const mapping::Subgraph& subgraph,
                             const engine::EngineConfig& engine);
// The same, planning the tiles first.
record::Measurement simulate(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::sim
