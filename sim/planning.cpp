// SPDX-License-Identifier: Apache-2.0
#include "sim/planning.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"

namespace lanewise::sim {
namespace {

// A plan that was simulated has kept its promise if it takes no more than this times what another promises.
constexpr double kKept = 1.01;

// By effort: how many plans are simulated whatever they promise, and how many at most.
struct Simulated {
  std::size_t always, most;
};
constexpr Simulated kSimulated[] = {{1, 1}, {1, 4}, {4, 8}, {16, 32}, {64, 64}};

double cost(const record::Measurement& measurement, const engine::EngineConfig& engine) {
  switch (engine.mapping.plan_for) {
    case engine::PlanGoal::kLatency:
      break;
    case engine::PlanGoal::kEnergy:
      return measurement.energy.count();
    case engine::PlanGoal::kDram:
      return as_double(measurement.dram_bytes());
  }
  return as_double(measurement.latency);
}

}  // namespace

PlannedMeasurement plan_and_simulate(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const std::unique_ptr<mapping::Plans> plans = mapping::plans_of(subgraph, engine);
  const Simulated& simulated = kSimulated[engine.mapping.effort];
  PlannedMeasurement best;
  best.plan = plans->plan(0);
  best.measurement = simulate(best.plan, subgraph, engine);
  for (std::size_t rank = 1; rank < std::min(plans->size(), simulated.most); ++rank) {
    const bool promises_more = kKept * plans->planned_cycles(rank) < as_double(best.measurement.latency);
    if (rank >= simulated.always && !(promises_more && engine.mapping.plan_for == engine::PlanGoal::kLatency)) break;
    mapping::TilePlan plan = plans->plan(rank);
    record::Measurement measurement = simulate(plan, subgraph, engine);
    // Of equals the planner's favourite.
    if (cost(measurement, engine) >= cost(best.measurement, engine)) continue;
    best = {std::move(plan), std::move(measurement)};
  }
  return best;
}

mapping::TilePlan plan(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const std::unique_ptr<mapping::Plans> plans = mapping::plans_of(subgraph, engine);
  if (plans->size() == 1 || kSimulated[engine.mapping.effort].most == 1) return plans->plan(0);
  return plan_and_simulate(subgraph, engine).plan;
}

}  // namespace lanewise::sim
