// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/nominal_cost.hpp"

#include <algorithm>

#include "core/mapping/analytical_tile.hpp"

namespace lanewise::mapping {

NominalCost& NominalCost::operator+=(const NominalCost& other) {
  cycles += other.cycles;
  dram_bytes += other.dram_bytes;
  energy_pj += other.energy_pj;
  return *this;
}

NominalCost& NominalCost::operator-=(const NominalCost& other) {
  cycles -= other.cycles;
  dram_bytes -= other.dram_bytes;
  energy_pj -= other.energy_pj;
  return *this;
}

NominalCost nominal_cost(const engine::EngineConfig& engine, const Bounds& bounds, double least_energy_pj,
                         double cycles, double dram_bytes) {
  NominalCost cost;
  cost.cycles = std::max({1.0, bounds.roofline_cycles, cycles});
  cost.dram_bytes = bounds.dram_bytes > 0 ? std::max(bounds.dram_bytes, dram_bytes) : 0;
  const double more_dram_bytes = cost.dram_bytes - bounds.dram_bytes;
  const double more_seconds = (cost.cycles - bounds.roofline_cycles) / engine.array.clock.count();
  cost.energy_pj = least_energy_pj +
                   more_dram_bytes * (engine.energy.dram.count() + engine.sram_write_energy().count()) +
                   engine.static_power().count() * more_seconds * 1e9;  // mW x s = 1e9 pJ
  return cost;
}

NominalCost nominal_cost(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const Bounds least = bounds(subgraph, engine);
  const AnalyticalTile tile = analytical_tile(subgraph, engine, least);
  return nominal_cost(engine, least, energy_bound_picojoules(subgraph, engine, least), tile.latency_cycles,
                      tile.dram_bytes());
}

}  // namespace lanewise::mapping
