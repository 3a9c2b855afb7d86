// SPDX-License-Identifier: Apache-2.0
// What a unit is told before a pass: the plan, the pass, the engine. The engine's units read, never write it.
#pragma once

#include "engine/engine_config.hpp"
#include "mapping/array_work.hpp"
#include "mapping/subgraph.hpp"
#include "mapping/tile_plan.hpp"
#include "sim/ticks.hpp"

namespace lanewise::sim {

struct Pass {
  const mapping::TilePlan& plan;
  const mapping::Subgraph& subgraph;
  const engine::EngineConfig& engine;
  mapping::ArrayWork work;  // array passes
  Ticks start = 0;

  const mapping::TileStep& step(std::size_t index) const { return plan.steps[index]; }
};

}  // namespace lanewise::sim
