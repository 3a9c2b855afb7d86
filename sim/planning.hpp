// SPDX-License-Identifier: Apache-2.0
// The last word on plans: the planner's best are simulated where it is doubtful which of them is best.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/record/measurement.hpp"

namespace lanewise::sim {

struct PlannedMeasurement {
  mapping::TilePlan plan;
  record::Measurement measurement;
};

// The plan of a subgraph and what it takes, simulated on an otherwise idle engine. How many of the planner's plans are
// simulated is up to `mapping.effort`: 0: the most promising one; 1: further ones while they promise more than those
// simulated have kept; above: always a few. A pure function of its arguments. Throws Error where the engine cannot run
// the subgraph, InternalError for a deadlock. Not for several threads (sim/simulate.hpp).
PlannedMeasurement plan_and_simulate(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

// That plan alone.
mapping::TilePlan plan(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::sim
