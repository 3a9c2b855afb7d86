// SPDX-License-Identifier: Apache-2.0
// Closed-form lower bounds of a subgraph: the rooflines. Cheap, and never from the tiler or the simulator.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

struct Bounds {
  double mac_cycles = 0;         // MACs over the array's peak rate at this precision
  double array_cycles = 0;       // the same with lanes and dot products rounded up to whole ones
  double post_cycles = 0;        // elements over the post-processor's width
  double dram_cycles = 0;        // every DRAM-resident operand moved once, over DRAM bandwidth
  double activation_cycles = 0;  // activation bytes read and written on chip at least, over the banks' bandwidth
  double weight_cycles = 0;      // weight bytes read on chip at least, over the banks' bandwidth
  double roofline_cycles = 0;    // the largest of the above: no simulated subgraph may be faster
  double dram_bytes = 0;         // the bytes behind dram_cycles
};
Bounds bounds(const Subgraph& subgraph, const engine::EngineConfig& engine);

// Energy of the actions that no plan can avoid, pJ: MACs, each byte on chip once, DRAM bytes once, leakage over the
// roofline.
double energy_bound_picojoules(const Subgraph& subgraph, const engine::EngineConfig& engine);
// The same where the subgraph's bounds are known already.
double energy_bound_picojoules(const Subgraph& subgraph, const engine::EngineConfig& engine, const Bounds& bounds);

}  // namespace lanewise::mapping
