// SPDX-License-Identifier: Apache-2.0
// The analytical model of a subgraph: what formulas say before anything is learned. It gives the denominators of the
// targets and many of the features, and uses neither the planner nor the simulator. docs/estimator.md gives every
// formula. Private to this module.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/analytical_tile.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// Increase it whenever a formula changes: an estimator that was trained with other formulas must not answer.
inline constexpr int kReferenceVersion = 8;

struct Analytic {
  mapping::Bounds bounds;
  mapping::ArrayWork work;       // zeros where the array is not used
  mapping::AnalyticalTile tile;  // what most of the denominators follow from
  double pixels = 0;             // of the convolution over the whole batch, before fused pooling
  double stripes = 0;            // that all pixels would take in one tile
  double array_cycles = 0;       // a block takes no less than loading its weights

  double least_energy_pj = 0;  // mapping::energy_bound_picojoules

  // What launching the subgraph takes, and what the engine draws meanwhile: neither learned nor in the denominators,
  // but part of every measurement and prediction.
  double launch_cycles = 0, launch_pj = 0;

  // The denominators of the targets.
  double latency_cycles = 0;  // never below bounds.roofline_cycles
  double energy_pj = 0;
  double dram_bytes = 0;       // 0 exactly where bounds.dram_bytes is 0
  double peak_sram_bytes = 0;  // 0 exactly where nothing is in the banks
};

// Throws Error where the engine cannot run the precision of the subgraph.
// `known`: what the closed form says of the subgraph on the engine, where somebody asked before.
Analytic analyse(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                 const mapping::ClosedForm* known = nullptr);

}  // namespace lanewise::estimator
