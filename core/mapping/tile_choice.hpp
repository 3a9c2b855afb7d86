// SPDX-License-Identifier: Apache-2.0
// The choice behind a TilePlan: sizes, loop order and buffers, without the steps.
#pragma once

#include <cstdint>

#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

enum class LoopOrder {
  kWeightsOutside,  // for output channels: for pixels -- a weight tile is used for all pixels before the next
  kPixelsOutside,   // for pixels: for output channels -- an input tile is used for all output channels before the next
};
const char* to_string(LoopOrder order);

struct TileChoice {
  LoopOrder order = LoopOrder::kWeightsOutside;
  std::int64_t rows = 0, columns = 0, outputs = 0, reduction = 0;
  int input_slots = 0, weight_slots = 0, operand_slots = 0, output_slots = 0;
  std::int64_t peak_bytes = 0;  // buffers, without the resident tensors
  double estimate = 0;          // cycles, for comparing choices only
  double dram_bytes = 0;        // likewise

  bool fits() const { return rows > 0; }
};

// Pixel tiles of one size: how many over batch, rows and columns, and the most that one of them reads and computes.
struct PixelCounts {
  std::int64_t tiles = 0;
  std::int64_t in_rows = 0, in_columns = 0;
  std::int64_t conv_pixels = 0;
};

// How tiles of one kind come and go: `tiles` different ones, of which `set` are gone through again and again before the
// next `set` has its turn.
struct TileCycle {
  std::int64_t tiles = 1, set = 1;
};
// Tiles of a choice, and how the loop order goes through them.
struct TileCycles {
  std::int64_t outputs = 1, reductions = 1;  // tiles over output and input channels
  TileCycle input, weights;
};
TileCycles tile_cycles(const TileProblem& problem, const TileChoice& choice, std::int64_t pixel_tiles);

// Gives a choice of sizes and order its buffers and its peak: two outputs and operands each where that leaves room for
// the others' first, as many inputs and weights as help. False when not even one of each fits.
bool claim_buffers(const TileProblem& problem, const PixelCounts& pixels, TileChoice& choice);

}  // namespace lanewise::mapping
