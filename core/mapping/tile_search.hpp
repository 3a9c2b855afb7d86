// SPDX-License-Identifier: Apache-2.0
// The choice behind a TilePlan: sizes, order and buffers, without the steps.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// Sizes that follow from pass and engine alone.
struct TileProblem {
  TileProblem(const Subgraph& subgraph, const engine::EngineConfig& engine);

  const PassShape& shape;
  const PassContext& context;
  const engine::EngineConfig& engine;
  ArrayWork work;                    // array passes
  bool follows = false;              // input channels are tiled with the output channels
  std::int64_t channel_unit = 1;     // output channels are tiled in multiples of this
  std::int64_t groups_per_unit = 1;  // array groups in one unit
  std::int64_t activation_room = 0;  // bytes for buffers beside the resident tensors
  std::int64_t weight_room = 0;

  std::int64_t units() const { return ceil_div(shape.out_channels, channel_unit); }
  // Input channels that `outputs` output channels read, of which `reduction` at a time.
  std::int64_t input_channels(std::int64_t outputs, std::int64_t reduction) const;
  std::int64_t weight_tile_bytes(std::int64_t outputs, std::int64_t reduction) const;
  // Tiles are the engine's patches of output pixels.
  bool patches() const { return shape.uses_array() && work.patch_pixels > 0; }
  std::int64_t taps() const { return shape.window.kernel[0] * shape.window.kernel[1]; }
  std::int64_t input_tile_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels) const;
  std::int64_t output_tile_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels) const;
  std::int64_t operand_tile_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels) const;
  // Patches: what comes and goes is not what the map has of it. A patch's input comes whole, and its pixels leave one
  // after the other up to the last that is in use; each pixel's channels take whole bursts.
  std::int64_t patch_input_pixels(std::int64_t rows, std::int64_t columns) const;
  std::int64_t pixel_bytes(std::int64_t channels, Precision precision) const;
  // DRAM bytes of a tile of a map with `map_width` columns: runs rounded up to whole bursts.
  std::int64_t burst_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels, std::int64_t map_width,
                           Precision precision) const;
};

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

// The tiles of an engine that computes patches: as many pixels as a patch has and as many output channels as have sums
// there; one block of the reduction at a time; a patch whose input does not fit the banks is made smaller. Throws Error
// naming the subgraph when not even one pixel's input fits.
TileChoice choose_patches(const TileProblem& problem, const std::string& name);

// The choices with the smallest estimate, then the fewest DRAM bytes, then the smallest peak: the best first, at most
// `most`, none estimated at more than `margin` times the best. Throws Error naming the subgraph when nothing fits.
std::vector<TileChoice> choose_tiles(const TileProblem& problem, const std::string& name, std::size_t most,
                                     double margin);

}  // namespace lanewise::mapping
