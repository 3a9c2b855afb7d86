// SPDX-License-Identifier: Apache-2.0
// What planning the tiles of a subgraph starts from.
#pragma once

#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// Sizes that follow from subgraph and engine alone.
struct TileProblem {
  TileProblem(const Subgraph& subgraph, const engine::EngineConfig& engine);

  const SubgraphShape& shape;
  const SubgraphContext& context;
  const engine::EngineConfig& engine;
  ArrayWork work;                    // array subgraphs
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

}  // namespace lanewise::mapping
