// SPDX-License-Identifier: Apache-2.0
// Tiles that are given, by a person or by a rule, instead of being searched for: their sizes, and the loops over them.
#pragma once

#include <array>
#include <cstdint>

namespace lanewise::mapping {

// What a tile is cut along. Kernel rows and columns may be cut too: a tile then takes part of the taps.
enum class TileAxis { kRows, kColumns, kOutChannels, kKernelRows, kKernelColumns, kInChannels };
inline constexpr int kTileAxisCount = 6;
const char* to_string(TileAxis axis);  // "rows", "columns", "out_channels", "kernel_rows", "kernel_columns", …

// The last tile along an axis is smaller where the size does not divide it. A size above the layer's stands for all of
// it. Images of a batch come one after the other, outside all loops.
struct GivenTiles {
  std::array<std::int64_t, kTileAxisCount> size{};  // in output pixels, channels and taps, by TileAxis
  // From the outermost loop to the innermost. A tile of the output is stored with the last part of its reduction.
  std::array<TileAxis, kTileAxisCount> order{TileAxis::kRows,       TileAxis::kColumns,       TileAxis::kOutChannels,
                                             TileAxis::kKernelRows, TileAxis::kKernelColumns, TileAxis::kInChannels};

  std::int64_t of(TileAxis axis) const { return size[static_cast<std::size_t>(axis)]; }
  std::int64_t& of(TileAxis axis) { return size[static_cast<std::size_t>(axis)]; }
};

}  // namespace lanewise::mapping
