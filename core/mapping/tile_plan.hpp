// SPDX-License-Identifier: Apache-2.0
// What a subgraph does with the on-chip memory, as plain data: tile sizes, loop order, buffers, steps and traffic. The
// planner is core/mapping/plan_tiles.hpp. How long a plan takes is up to the simulator.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/mapping/tile_choice.hpp"

namespace lanewise::mapping {

// One transfer between DRAM and on-chip memory. `bytes` are the bytes on chip, `dram_bytes` those that DRAM moves, in
// whole bursts. In
// DRAM a tensor lies in surfaces, pixel after pixel; a surface holds as many channels as a dot product has lanes.
struct Transfer {
  std::int64_t bytes = 0;
  std::int64_t dram_bytes = 0;
  double row_miss_cycles = 0;  // for which DRAM stalls to open rows (core/mapping/dram_rows.hpp)
  double request_cycles = 0;   // that requests and lines missing in a cache take (core/mapping/bus_requests.hpp)
};

// What a transfer moves.
enum class TransferKind { kWeights, kInput, kOperand, kStore };

// One step of a subgraph: what must be on chip, what the array and the post-processor do with it, and what leaves.
struct TileStep {
  Transfer input_load, weight_load, operand_load;  // zero bytes: already on chip
  Transfer store;                                  // zero bytes: the output stays on chip
  bool input_last = false, weight_last = false;    // the buffer is free after this step
  // Work of the array: `groups` groups of output channels, no larger than the parallelism factor, for `pixels` pixels.
  // Each group is cut into stripes of pixels that share the accumulators.
  std::int64_t groups = 0;
  std::int64_t pixels = 0;
  std::int64_t columns = 0;  // the pixels lie in rows of so many; 0: in one
  std::int64_t blocks = 0;   // per pixel and group: kernel elements x ceil(channels / lanes)
  std::int64_t outputs = 0;  // sums per pixel over all groups, fewer where the last group is not full
  std::int64_t outputs_per_group = 0;
  std::int64_t activation_bytes = 0;  // on-chip bytes that the array reads per pixel and group
  std::int64_t weight_bytes = 0;      // on-chip bytes of the weights of all groups, read once per stripe
  double decoded_weights = 0;         // that the decoder gives of them, each time that they pass it
  bool last_reduction = true;         // the sums go to the post-processor: to be finished, or kept for the next part
  bool partial_sums = false;  // they are of a part of the reduction, and wait in the activation banks for the next
  std::int64_t macs = 0;
  // Work of the post-processor.
  std::int64_t post_elements = 0;     // elements, where the array is not used; otherwise the sums above
  std::int64_t post_read_bytes = 0;   // on-chip bytes read: operands, and inputs where the array is not used
  std::int64_t post_write_bytes = 0;  // on-chip bytes of the output tile

  const Transfer& transfer(TransferKind kind) const {
    switch (kind) {
      case TransferKind::kWeights:
        return weight_load;
      case TransferKind::kInput:
        return input_load;
      case TransferKind::kOperand:
        return operand_load;
      case TransferKind::kStore:
        break;
    }
    return store;
  }
};

// One entry of the DMA program, which is the order in which DRAM serves the subgraph. It is fixed when the subgraph is
// planned, because with a fixed order a faster unit can never make a subgraph slower.
struct DmaEntry {
  std::int32_t step = 0;
  TransferKind kind = TransferKind::kInput;
};

// Engines that stream: a run of steps that begins with loading a whole input. What does not fit on chip is split into
// several cubes: by rows, then by columns, groups and parts of the reduction. Sizes are in pixels; a surface holds as
// many channels as one word of the port.
struct Cube {
  std::size_t first_step = 0, steps = 0;
  std::int64_t in_width = 0, in_rows = 0, surfaces = 0;
  std::int64_t out_width = 0, out_rows = 0;
  std::int64_t weight_beats = 0;  // words of the port, padding included
  std::int64_t sum_bits = 8;      // of each output written; more where partial sums are
  // Cubes of the plan, from the first on, that must be done before this one starts: it adds up their partial sums.
  std::size_t waits_for = 0;
};

struct TilePlan {
  LoopOrder order = LoopOrder::kWeightsOutside;
  std::int64_t tile_rows = 0, tile_columns = 0, tile_out_channels = 0, tile_in_channels = 0;
  int input_slots = 0, weight_slots = 0, operand_slots = 0, output_slots = 0;
  std::int64_t stripe_pixels = 0, second_stripe = 0;  // as in ArrayWork
  bool patches = false;                               // a stripe is a patch of pixels that are computed side by side
  bool uses_array = true;
  bool streams = false;  // by loaders that stream: there are no buffers and no DMA program
  std::vector<TileStep> steps;
  std::vector<DmaEntry> dma;
  double planned_cycles = 0;  // by the list scheduler, only for comparing plans; 0: not scheduled
  std::vector<Cube> cubes;    // streams
  std::int64_t activation_banks = 0, weight_banks = 0;  // streams: how the subgraph divides the banks

  const Transfer& transfer(const DmaEntry& entry) const {
    return steps[static_cast<std::size_t>(entry.step)].transfer(entry.kind);
  }
  Bytes peak_sram{0};                 // of resident tensors, buffers and weights together
  Bytes dram_read{0}, dram_write{0};  // bytes moved, in whole bursts
};

}  // namespace lanewise::mapping
