// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/tile_planner.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "core/mapping/bounds.hpp"
#include "core/mapping/nominal_tile.hpp"
#include "core/mapping/patch_plan.hpp"
#include "core/mapping/tile_search.hpp"
#include "core/mapping/tile_steps.hpp"

namespace lanewise::mapping {
namespace {

// The list scheduler is about this far off, so that plans within this factor of the fastest count as equally fast.
constexpr double kAsGood = 1.02;
// How many of the search's choices the list scheduler orders, and how far above the best estimate they may be.
constexpr std::size_t kMostScheduled = 8;
constexpr double kWorthScheduling = 1.25;

}  // namespace

TilePlan plan_by_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const TileProblem problem(subgraph, engine);
  if (problem.patches()) return plan_by_patches(subgraph, engine);
  const Bounds limits = bounds(subgraph, engine);
  const TileChoice nominal = nominal_tile(problem, limits).choice;
  std::vector<TilePlan> plans;
  if (nominal.fits()) {
    plans.push_back(written_plan(problem, nominal, subgraph));
    // No plan is faster than the roofline.
    if (plans.front().planned_cycles <= kAsGood * limits.roofline_cycles) return std::move(plans.front());
  }
  double least = plans.empty() ? std::numeric_limits<double>::infinity() : plans.front().planned_cycles;
  for (const TileChoice& choice : choose_tiles(problem, subgraph.name, kMostScheduled, kWorthScheduling)) {
    plans.push_back(written_plan(problem, choice, subgraph));
    least = std::min(least, plans.back().planned_cycles);
  }
  if (nominal.fits() && plans.front().planned_cycles <= kAsGood * least) return std::move(plans.front());
  const auto cost = [](const TilePlan& plan) {
    return std::make_pair((plan.dram_read + plan.dram_write).count(), plan.peak_sram.count());
  };
  const auto as_good = [&](const TilePlan& plan) { return plan.planned_cycles <= kAsGood * least; };
  auto best = std::find_if(plans.begin(), plans.end(), as_good);
  for (auto plan = best; plan != plans.end(); ++plan) {
    if (as_good(*plan) && cost(*plan) < cost(*best)) best = plan;
  }
  return std::move(*best);
}

}  // namespace lanewise::mapping
