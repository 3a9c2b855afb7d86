// SPDX-License-Identifier: Apache-2.0
// The quantities that planning the tiles of a subgraph starts from.
#pragma once

#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// Everything here follows from subgraph and engine alone.
struct TileProblem {
  TileProblem(const Subgraph& subgraph, const engine::EngineConfig& engine);
  // The same work one group after the other, each as if it had no others: a group need not fit on chip as a whole.
  // `subgraph` must have groups that fill an array group by themselves (groups_stand_alone).
  static TileProblem of_one_group(const Subgraph& subgraph, const engine::EngineConfig& engine);

  SubgraphShape shape;  // of one repetition
  std::int64_t repeats = 1;
  const SubgraphContext& context;
  const engine::EngineConfig& engine;
  ArrayWork work;                    // of subgraphs that use the array
  bool follows = false;              // input channels are tiled together with the output channels
  std::int64_t channel_unit = 1;     // output channels are tiled in multiples of it
  std::int64_t groups_per_unit = 1;  // array groups in one unit
  std::int64_t activation_room = 0;  // bytes for buffers, beside the resident tensors
  std::int64_t weight_room = 0;
  bool loads_weights = false;  // from DRAM, where the array is used
  bool weights_stay = false;   // for the whole cascade, in places of their own: they need no buffers

  std::int64_t units() const { return ceil_div(shape.out_channels, channel_unit); }
  // Input channels read by `outputs` output channels, where `reduction` of them are taken at a time.
  std::int64_t input_channels(std::int64_t outputs, std::int64_t reduction) const;
  std::int64_t weight_tile_bytes(std::int64_t outputs, std::int64_t reduction) const;  // on chip
  std::int64_t stored_tile_bytes(std::int64_t outputs, std::int64_t reduction) const;  // the same in DRAM
  std::int64_t tile_weights(std::int64_t outputs, std::int64_t reduction) const;       // in elements, without biases
  // Sums of a tile that wait on chip for the next part of their reduction.
  std::int64_t sums_bytes(std::int64_t conv_pixels, std::int64_t outputs) const;
  // Whether the tiles are patches of output pixels that the engine computes side by side.
  bool patches() const { return shape.uses_array() && work.patch_pixels > 0; }
  std::int64_t taps() const { return shape.window.kernel[0] * shape.window.kernel[1]; }
  std::int64_t input_tile_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels) const;
  std::int64_t output_tile_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels) const;
  std::int64_t operand_tile_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels) const;
  // A patch at the border moves more than the map holds. Its input is loaded whole, and its pixels leave one after the
  // other up to the last that is used. The channels of each pixel take whole bursts.
  std::int64_t patch_input_pixels(std::int64_t rows, std::int64_t columns) const;
  std::int64_t pixel_bytes(std::int64_t channels, Precision precision) const;
  // DRAM bytes of a tile of a map with `map_width` columns, where each contiguous run takes whole bursts.
  std::int64_t burst_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels, std::int64_t map_width,
                           Precision precision) const;

 private:
  TileProblem(const SubgraphShape& shape, const SubgraphContext& context, const engine::EngineConfig& engine,
              std::int64_t repeats);
};

// Bytes a cycle that DRAM reads at: its bandwidth, or what the outstanding requests cover (Little's law).
double read_rate(const engine::EngineConfig& engine);

// Whether the subgraph has groups that are as large as a group of the array or larger, so that running them one by one
// leaves no dot products idle.
bool groups_stand_alone(const SubgraphShape& shape, const engine::EngineConfig& engine);
// Of the banks that tensors and weights occupy throughout the subgraph, its buffers not included.
Bytes resident_bytes(const SubgraphContext& context, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
