// SPDX-License-Identifier: Apache-2.0
// One tile size that follows from capacities and rates by formula, and what cutting the subgraph into such tiles costs.
// Nothing is searched for: docs/estimator.md gives every formula. Private to this room.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// What comes or goes in tiles of one kind; zeroes where nothing does.
struct TileFlow {
  double all_bytes = 0;   // of the tensor, once
  double times = 1;       // how often all of it comes
  double transfers = 0;   // over the whole subgraph
  double dram_bytes = 0;  // of all transfers, bursts rounded up, halos as often as they are read
  double buffers = 0;     // on chip
  double tile_bytes = 0;  // DRAM bytes of a transfer
};

struct CanonicalTile {
  double room = 0, weight_room = 0;                                // bytes for buffers
  double traffic_weights_outside = 0, traffic_pixels_outside = 0;  // DRAM bytes of the two loop orders
  bool weights_outside = true;                                     // a weight tile meets all pixels before the next
  bool input_stays = true, weights_stay = true;                    // on chip, if they are used again
  double rows = 1, columns = 1;                                    // of a tile
  double pixel_tiles = 1, output_tiles = 1, reduction_tiles = 1;   // over pixels, output and input channels
  double conv_tile_pixels = 1, conv_pixels = 1;                    // of the convolution: a tile's, all tiles'
  double input_overlap = 1;                                        // input read over input there is
  TileFlow input, weights, operand, output;
  double peak_bytes = 0;  // of the buffers

  // Cycles.
  double array_cycles = 0, post_cycles = 0;  // each by itself, held up by its share of the banks' ports
  double compute_cycles = 0;                 // both, stripe by stripe
  double handover_cycles = 0;                // more, because sums leave no sooner than a stripe's last block
  double dma_cycles = 0;                     // all transfers, at the rate that DRAM and channels give
  double unpack_cycles = 0;                  // streams: of an input into the banks' layout
  double turn_cycles = 0;                    // buffers filled, used and filled again
  double first_sweep_cycles = 0;             // more than the others take: what stays has to come
  double fill_cycles = 0, drain_cycles = 0;
  double latency_cycles = 0;

  double steps() const { return pixel_tiles * output_tiles * reduction_tiles; }
  double dram_bytes() const { return input.dram_bytes + weights.dram_bytes + operand.dram_bytes + output.dram_bytes; }
};

// To load a group's weights into the array before its first block; later ones are loaded behind the running blocks.
double first_load_cycles(const mapping::ArrayWork& work);
// Of the post-processor for one atom, the accumulators' credits counted: a stripe's last block waits for room, which
// the stripes before it leave only once they are drained and their credits are back.
double atom_cycles(const mapping::ArrayWork& work, const engine::EngineConfig& engine, std::int64_t pixels);
// What the first stripe's blocks before its last one, which the post-processor waits for, and the last stripe's sums
// add to the slower of `array` and `post` cycles; below 0 where the last block is short of what loading weights takes.
double handover_cycles(const mapping::ArrayWork& work, std::int64_t pixels, double array, double post);

// For engines with `dma.kind: tiles`: what mapping::nominal_tile costs.
CanonicalTile canonical_tile(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                             const mapping::Bounds& bounds);

}  // namespace lanewise::estimator
