// SPDX-License-Identifier: Apache-2.0
// What cutting a pass into tiles does to it, in closed form: a few even cuts are weighed by formulas for room, traffic
// and time, and the cheapest stands for whatever plan is made. No tile is laid out, no transfer ordered.
// docs/estimator.md gives every formula. Private to this room.
#pragma once

#include "engine/engine_config.hpp"
#include "mapping/array_work.hpp"
#include "mapping/subgraph.hpp"

namespace lanewise::estimator {

// One kind of tile: how many come or go, DRAM bytes of all with bursts rounded up, buffers on chip.
struct TileFlow {
  double tile_bytes = 0;  // on chip
  double transfers = 0;
  double dram_bytes = 0;
  double slots = 0;
};

struct Tiling {
  bool weights_outside = true;                               // a weight tile meets all pixels before the next one comes
  double rows = 1, columns = 1, outputs = 1, reduction = 1;  // of a tile
  double pixel_tiles = 1, output_tiles = 1, reduction_tiles = 1;  // over output pixels, channels, input channels
  TileFlow input, weights, operand, output;                       // zeroes where nothing comes or goes
  double input_overlap = 1;  // of pooling: elements worked on over elements, halos as often as they are read
  double input_times = 1, weight_times = 1;        // how often all of it comes
  double input_tiles = 1, weight_tiles = 1;        // different ones
  bool input_waits = false, weights_wait = false;  // no buffer for the next while these are in use
  double conv_most = 1;                            // pixels of the convolution in a full tile
  double conv_pixels = 1;                          // computed, all tiles
  double peak_bytes = 0;                           // of the buffers

  // Cycles.
  double array_cycles = 0, post_cycles = 0;  // each by itself, on-chip bandwidth included
  double compute_cycles = 0;                 // both, stripe by stripe
  double dma_cycles = 0;                     // everything that comes and goes, at the rate that DRAM and channels give
  double step_cycles = 0;                    // computing one tile
  double turn_cycles = 0;                    // buffers filled, used and filled again, the slowest kind
  double blocked_cycles = 0;                 // computing stopped while a long transfer keeps the DRAM from others
  double first_sweep_cycles = 0;             // more than the others take: what is kept has to come
  double fill_cycles = 0, drain_cycles = 0;
  double latency_cycles = 0;

  double dram_bytes() const { return input.dram_bytes + weights.dram_bytes + operand.dram_bytes + output.dram_bytes; }
  double steps() const { return pixel_tiles * output_tiles * reduction_tiles; }
};

// `work`: zeroes off the array. Where nothing fits, the smallest tiles stand for a plan.
Tiling cheapest_tiling(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                       const mapping::ArrayWork& work);

}  // namespace lanewise::estimator
