// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/plan_tiles.hpp"

#include <iterator>

#include "core/engine/kinds/engine_kind.hpp"
#include "core/mapping/cube_plan.hpp"
#include "core/mapping/tile_planner.hpp"

namespace lanewise::mapping {
namespace {

using Planner = TilePlan (*)(const Subgraph&, const engine::EngineConfig&);

// One planner per kind of engine, in the order of engine::DmaKind.
constexpr Planner kPlanners[] = {plan_by_tiles, plan_cubes};
static_assert(std::size(kPlanners) == engine::kEngineKindCount);

}  // namespace

TilePlan plan_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  return kPlanners[static_cast<std::size_t>(engine.dma.kind)](subgraph, engine);
}

}  // namespace lanewise::mapping
