// SPDX-License-Identifier: Apache-2.0
// Lower bounds of a subgraph from the roofline model. They are cheap, and use neither the planner nor the simulator.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

struct Bounds {
  double mac_cycles = 0;          // MACs over the peak rate of the array at this precision
  double array_cycles = 0;        // the larger of the next two
  double fill_cycles = 0;         // the same with lanes and dot products rounded up to whole ones
  double weight_load_cycles = 0;  // every block of every stripe as long as loading its weights takes
  double post_cycles = 0;         // elements over the post-processor's width
  double dram_cycles = 0;         // every operand in DRAM moved once, over the DRAM bandwidth
  double activation_cycles = 0;   // fewest activation bytes read and written on chip, over the bandwidth of the banks
  double weight_cycles = 0;       // fewest weight bytes read on chip, over the bandwidth of the banks
  double decode_cycles = 0;       // all weights once through a decoder behind DRAM
  double roofline_cycles = 0;     // the largest of the above: no simulation may be faster
  double dram_bytes = 0;          // the bytes behind dram_cycles
};
Bounds bounds(const Subgraph& subgraph, const engine::EngineConfig& engine);

// The energy in pJ of what no plan can avoid: the MACs, each byte on chip once, each byte in DRAM once, and leakage
// during the cycles of the roofline.
double energy_bound_picojoules(const Subgraph& subgraph, const engine::EngineConfig& engine);
// The same where the bounds of the subgraph are already known.
double energy_bound_picojoules(const Subgraph& subgraph, const engine::EngineConfig& engine, const Bounds& bounds);

}  // namespace lanewise::mapping
