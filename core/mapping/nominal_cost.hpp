// SPDX-License-Identifier: Apache-2.0
// What a subgraph costs by the closed form of its nominal tile, without planner and simulator. Estimators begin with
// it, and by it placement decides which tensors are worth their banks. docs/estimator.md gives every formula.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

struct NominalCost {
  double cycles = 0;      // at least 1, and never below bounds.roofline_cycles
  double dram_bytes = 0;  // 0 exactly where bounds.dram_bytes is 0
  double energy_pj = 0;

  NominalCost& operator+=(const NominalCost& other);
  NominalCost& operator-=(const NominalCost& other);
};

// The cost of a plan that takes so many cycles and moves so many DRAM bytes: no less than the bounds, and what exceeds
// them costs energy in DRAM, in the banks and by leakage. `least_energy_pj` is energy_bound_picojoules.
NominalCost nominal_cost(const engine::EngineConfig& engine, const Bounds& bounds, double least_energy_pj,
                         double cycles, double dram_bytes);
// The cost by the nominal tile, for engines that work through tiles. Throws Error where the engine cannot run the
// precision of the subgraph.
NominalCost nominal_cost(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
