// SPDX-License-Identifier: Apache-2.0
// The analytical model of engines that work through tiles (`dma.kind: tiles`): the nominal tile size, which follows
// from capacities and rates by formula, and what the subgraph costs when it is cut into such tiles. Nothing is searched
// for. It tells an estimator where to begin, and where tensors should live. docs/estimator.md gives every formula.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// The transfers of one tensor. All zeros where nothing is transferred.
struct TileFlow {
  double all_bytes = 0;   // of the tensor
  double times = 1;       // how often the whole tensor is transferred
  double transfers = 0;   // in the whole subgraph
  double dram_bytes = 0;  // of all transfers, in whole bursts, halos as often as they are read
  double buffers = 0;     // number of tiles on chip
  double tile_bytes = 0;  // DRAM bytes per transfer
};

struct AnalyticalTile {
  bool fits = true;                                                // the nominal tile fits the banks
  double room = 0, weight_room = 0;                                // bytes for buffers of activations and of weights
  double traffic_weights_outside = 0, traffic_pixels_outside = 0;  // DRAM bytes of either loop order
  bool weights_outside = true;                   // a weight tile is used for all pixels before the next
  bool input_stays = true, weights_stay = true;  // on chip, where they are used again
  double rows = 1, columns = 1;                  // of a tile
  double pixel_tiles = 1, output_tiles = 1,
         reduction_tiles = 1;                    // tiles over pixels, output channels and input channels
  double conv_tile_pixels = 1, conv_pixels = 1;  // of the convolution: per tile, and of all tiles
  double input_overlap = 1;                      // input elements read per element of the input
  TileFlow input, weights, operand, output;
  double peak_bytes = 0;  // of the buffers

  // Cycles.
  double array_cycles = 0, post_cycles = 0;  // each by itself, limited by its share of the bank ports
  double compute_cycles = 0;                 // of array and post-processor together, stripe by stripe
  double handover_cycles = 0;                // added because sums only leave with the last block of a stripe
  double dma_cycles = 0;                     // of all transfers, at the rate of DRAM and the channels
  double unpack_cycles = 0;                  // engines that stream: to turn an input into the layout of the banks
  double turn_cycles = 0;                    // of a buffer from one filling to the next
  double first_sweep_cycles = 0;             // added by the first sweep, which loads what stays on chip
  double fill_cycles = 0, drain_cycles = 0;
  double latency_cycles = 0;

  double steps() const { return pixel_tiles * output_tiles * reduction_tiles; }
  double dram_bytes() const { return input.dram_bytes + weights.dram_bytes + operand.dram_bytes + output.dram_bytes; }
};

// All that the closed form says of a subgraph on an engine that works through tiles.
struct ClosedForm {
  Bounds bounds;
  AnalyticalTile tile;
  double least_energy_pj = 0;  // energy_bound_picojoules
};

// Cycles to load the weights of a group into the array before its first block. Later blocks load theirs while the block
// before runs.
double first_load_cycles(const ArrayWork& work);
// Cycles of the post-processor per atom, including the wait for credits: the last block of a stripe needs room in the
// accumulators, which is free only after earlier stripes are drained and their credits have returned.
double atom_cycles(const ArrayWork& work, const engine::EngineConfig& engine, std::int64_t pixels);
// Cycles to add to the slower of `array` and `post`, because the two overlap only in part: the post-processor waits for
// the blocks of the first stripe before its last one, and drains the last stripe alone. Negative where the last block
// is shorter than loading weights.
double handover_cycles(const ArrayWork& work, std::int64_t pixels, double array, double post);

// What the nominal tile costs.
AnalyticalTile analytical_tile(const Subgraph& subgraph, const engine::EngineConfig& engine, const Bounds& bounds);

}  // namespace lanewise::mapping
