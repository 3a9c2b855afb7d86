// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/plan_tiles.hpp"

#include <iterator>
#include <string>
#include <utility>

#include "core/base/error.hpp"
#include "core/engine/kinds/engine_kind.hpp"
#include "core/mapping/cube_plan.hpp"
#include "core/mapping/given_plan.hpp"
#include "core/mapping/half_tiles.hpp"
#include "core/mapping/patch_plan.hpp"
#include "core/mapping/refusal.hpp"
#include "core/mapping/tile_planner.hpp"

namespace lanewise::mapping {
namespace {

// Of engines that choose nothing.
class OnePlan : public Plans {
 public:
  explicit OnePlan(TilePlan plan) : plan_(std::move(plan)) {}
  std::size_t size() const override { return 1; }
  double planned_cycles(std::size_t) const override { return 0; }
  TilePlan plan(std::size_t) const override { return plan_; }

 private:
  TilePlan plan_;
};

std::unique_ptr<Plans> plans_by_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  if (subgraph.tiles) return std::make_unique<OnePlan>(plan_given_tiles(subgraph, engine, *subgraph.tiles));
  // Where a rule's tiles do not fit beside what stays on chip they are searched for.
  if (engine.mapping.half_tiles && not_for_given_tiles(subgraph, engine).empty()) {
    const GivenTiles tiles = half_tiles(subgraph, engine);
    if (refusal_of_given(subgraph, engine, tiles).empty()) {
      return std::make_unique<OnePlan>(plan_given_tiles(subgraph, engine, tiles));
    }
  }
  // Each patch is a tile: nothing is searched.
  const bool patches = subgraph.shape.uses_array() && engine.patch_pixels() > 0;
  if (patches) return std::make_unique<OnePlan>(plan_by_patches(subgraph, engine));
  return std::make_unique<TilePlans>(subgraph, engine);
}
std::unique_ptr<Plans> plans_of_cubes(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  return std::make_unique<OnePlan>(plan_cubes(subgraph, engine));
}

using Planner = std::unique_ptr<Plans> (*)(const Subgraph&, const engine::EngineConfig&);

// One planner per kind of engine, in the order of engine::DmaKind.
constexpr Planner kPlanners[] = {plans_by_tiles, plans_of_cubes};
static_assert(std::size(kPlanners) == engine::kEngineKindCount);

}  // namespace

std::unique_ptr<Plans> plans_of(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  if (subgraph.tiles) {
    if (const std::string why = not_for_given_tiles(subgraph, engine); !why.empty()) {
      throw Error("engine " + engine.name + ": '" + subgraph.name + "': " + why);
    }
  }
  const std::string refusal = refusal_of(subgraph, engine);
  if (!refusal.empty()) throw Error(refusal);
  return kPlanners[static_cast<std::size_t>(engine.dma.kind)](subgraph, engine);
}

TilePlan plan_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  return plans_of(subgraph, engine)->plan(0);
}

}  // namespace lanewise::mapping
