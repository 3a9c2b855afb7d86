// SPDX-License-Identifier: Apache-2.0
// What a subgraph does with the on-chip memory, as plain data: tile sizes, loop order, buffers, steps, traffic. The
// planner is core/mapping/plan_tiles.hpp; how long a plan takes is the simulator's business.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/mapping/tile_choice.hpp"

namespace lanewise::mapping {

// One transfer between DRAM and on-chip memory. bytes as stored; dram_bytes with partly used bursts rounded up. In DRAM
// a tensor lies in surfaces: groups of as many channels as a dot product has lanes, pixel after pixel.
struct Transfer {
  std::int64_t bytes = 0;
  std::int64_t dram_bytes = 0;
  double row_miss_cycles = 0;  // that DRAM stands still to open rows (mapping/dram_rows.hpp)
};

// One step of a subgraph: what must be on chip, what the array and the post-processor do with it, what leaves.
struct TileStep {
  Transfer input_load, weight_load, operand_load;  // zero bytes: already there
  Transfer store;                                  // zero bytes: the output stays on chip
  bool input_last = false, weight_last = false;    // the buffer is free for another tile after this step
  // Array work: `groups` of up to P output channels x `pixels`, each group cut into stripes of pixels that share the
  // accumulators.
  std::int64_t groups = 0;
  std::int64_t pixels = 0;
  std::int64_t blocks = 0;   // lane blocks a pixel and group: kernel elements x ceil(channels / lanes)
  std::int64_t outputs = 0;  // sums a pixel over all groups: less than groups x P where the last is not full
  std::int64_t outputs_per_group = 0;
  std::int64_t activation_bytes = 0;  // on-chip bytes that the array reads a pixel and group
  std::int64_t weight_bytes = 0;      // on-chip bytes of the weights of all groups, read once a stripe
  bool last_reduction = true;         // hands the sums to the post-processor
  std::int64_t macs = 0;
  // Post-processor work.
  std::int64_t post_elements = 0;     // subgraphs off the array: elements worked on; else the sums above are
  std::int64_t post_read_bytes = 0;   // on-chip bytes read for it: inputs of subgraphs off the array, operands
  std::int64_t post_write_bytes = 0;  // on-chip bytes of the output tile
};

// What a transfer moves.
enum class TransferKind { kWeights, kInput, kOperand, kStore };

// One entry of the DMA program: the order in which DRAM serves the subgraph, fixed when the subgraph is planned. A
// fixed order cannot turn a faster unit into a slower subgraph.
struct DmaEntry {
  std::int32_t step = 0;
  TransferKind kind = TransferKind::kInput;
};

// Streams: a stretch of steps that starts with loading a whole input; where a subgraph's input does not fit on chip, it
// is split by rows into several. Sizes in pixels; a surface is a word's worth of channels.
struct Cube {
  std::size_t first_step = 0, steps = 0;
  std::int64_t in_width = 0, in_rows = 0, surfaces = 0;
  std::int64_t out_width = 0, out_rows = 0;
  std::int64_t weight_beats = 0;  // of the port's words, padding included
};

struct TilePlan {
  LoopOrder order = LoopOrder::kWeightsOutside;
  std::int64_t tile_rows = 0, tile_columns = 0, tile_out_channels = 0, tile_in_channels = 0;
  int input_slots = 0, weight_slots = 0, operand_slots = 0, output_slots = 0;
  std::int64_t stripe_pixels = 0, second_stripe = 0;  // as ArrayWork
  bool patches = false;                               // the stripe is a patch of pixels computed side by side
  bool uses_array = true;
  bool streams = false;  // inputs and weights come as streams, outputs leave atom by atom: no buffers, no DMA program
  std::vector<TileStep> steps;
  std::vector<DmaEntry> dma;
  double planned_cycles = 0;  // of the rehearsal that ordered the DMA program, for comparing plans only; 0: none
  std::vector<Cube> cubes;    // streams
  std::int64_t activation_banks = 0, weight_banks = 0;  // streams: how the subgraph splits the banks

  const Transfer& transfer(const DmaEntry& entry) const {
    const TileStep& step = steps[static_cast<std::size_t>(entry.step)];
    switch (entry.kind) {
      case TransferKind::kWeights:
        return step.weight_load;
      case TransferKind::kInput:
        return step.input_load;
      case TransferKind::kOperand:
        return step.operand_load;
      case TransferKind::kStore:
        return step.store;
    }
    return step.store;
  }
  Bytes peak_sram{0};                 // resident tensors, buffers and weights together
  Bytes dram_read{0}, dram_write{0};  // bytes moved, bursts rounded up
};

}  // namespace lanewise::mapping
