// SPDX-License-Identifier: Apache-2.0
// From a subgraph and an engine to a tile plan: the planner of the engine's kind.
#pragma once

#include <cstddef>
#include <memory>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// The plans of a subgraph that are worth carrying out, at least one, the most promising first. Written when asked for.
class Plans {
 public:
  virtual ~Plans() = default;
  virtual std::size_t size() const = 0;
  // What the planner expects of the plan; 0 where it did not schedule it. Ranks but the first are in this order where
  // the engine plans for latency.
  virtual double planned_cycles(std::size_t rank) const = 0;
  virtual TilePlan plan(std::size_t rank) const = 0;
};

// Pure functions: the same subgraph and engine give the same plans. Throw Error naming subgraph and rule where the
// subgraph does not fit the engine's memory. Both arguments must outlive the plans.
std::unique_ptr<Plans> plans_of(const Subgraph& subgraph, const engine::EngineConfig& engine);
// The most promising plan, as far as the planner knows. What it takes is up to the simulator, which may prefer another
// (sim/planning.hpp).
TilePlan plan_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
