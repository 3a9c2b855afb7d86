// SPDX-License-Identifier: Apache-2.0
// What closed forms say of a subgraph before anything is learned: the denominators of the targets and many of the
// features. docs/estimator.md gives every formula. Never from the tiler or the simulator. Private to this room.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/subgraph.hpp"
#include "estimator/analytical_tile.hpp"

namespace lanewise::estimator {

// Bump when a formula changes: models trained on another reference must not answer.
inline constexpr int kReferenceVersion = 5;

struct Analytic {
  mapping::Bounds bounds;
  mapping::ArrayWork work;  // zeroes off the array
  CanonicalTile tile;       // what most of the references follow from
  double pixels = 0;        // of the convolution, before fused pooling, batch included
  double stripes = 0;       // of the accumulators, if all pixels were one tile
  double array_cycles = 0;  // blocks that wait for their weights counted as long as the loading takes

  double least_energy_pj = 0;  // mapping::energy_bound_picojoules

  // The denominators.
  double latency_cycles = 0;  // never below bounds.roofline_cycles
  double energy_pj = 0;
  double dram_bytes = 0;       // 0 exactly when bounds.dram_bytes is
  double peak_sram_bytes = 0;  // 0 exactly where nothing lies in the banks
};

// Throws Error when the engine cannot run the subgraph's precision.
Analytic analyse(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::estimator
