// SPDX-License-Identifier: Apache-2.0
// What tiling does to a pass, in closed form: a few even cuts of the output are weighed by formulas for room, traffic and
// time, and the cheapest stands for the plan. No tile is laid out, no transfer ordered. docs/estimator.md gives every
// formula. Private to this room.
#pragma once

#include "engine/engine_config.hpp"
#include "mapping/array_work.hpp"
#include "mapping/subgraph.hpp"

namespace lanewise::estimator {

// Sizes in elements of the whole pass, bytes as stored, DRAM bytes with bursts rounded up, cycles.
struct Tiling {
  bool weights_outside = true;                       // a weight tile meets all pixels before the next comes
  double rows = 1, columns = 1;                      // outputs of a tile
  double outputs = 1, reduction = 1;                 // channels of a tile
  double pixel_tiles = 1, output_tiles = 1;          // over pixels (batch, rows, columns), over output channels
  double reduction_tiles = 1;                        // over input channels
  double input_times = 1, weight_times = 1;          // how often all of the input, all of the weights come
  double input_slots = 0, weight_slots = 0;          // buffers, 0 where nothing comes or goes
  double operand_slots = 0, output_slots = 0;        //
  double input_loads = 0, weight_loads = 0;          // transfers
  double operand_loads = 0, stores = 0;              //
  double input_dram = 0, weight_dram = 0;            // DRAM bytes
  double operand_dram = 0, output_dram = 0;          //
  double peak_bytes = 0;                             // of the buffers
  double pixels_per_tile = 0, overlap = 1;           // of the convolution; computed pixels over useful ones
  double in_turn_cycles = 0;                         // transfers that the array has to wait for
  double estimate = 0;                               // cycles, what the cuts are weighed by
  double dram_bytes() const { return input_dram + weight_dram + operand_dram + output_dram; }
  double steps() const { return pixel_tiles * output_tiles * reduction_tiles; }
};

// `work`: zeroes off the array.
Tiling weigh_tilings(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                     const mapping::ArrayWork& work);

}  // namespace lanewise::estimator
