// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/half_tiles.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/mapping/given_plan.hpp"

namespace lanewise::mapping {
namespace {

constexpr TileAxis kAxes[] = {TileAxis::kRows,       TileAxis::kColumns,       TileAxis::kOutChannels,
                              TileAxis::kKernelRows, TileAxis::kKernelColumns, TileAxis::kInChannels};

class HalfTiles {
 public:
  HalfTiles(const Subgraph& subgraph, const engine::EngineConfig& engine) : subgraph_(subgraph), engine_(engine) {
    whole_ = whole_sizes(subgraph.shape, GivenTiles());
    dots_ = engine.array.parallelism_factor;
    lanes_ = engine.array.dot_product_lanes;
  }

  GivenTiles of_convolution() const {
    GivenTiles tiles = whole_;
    while (!fits(tiles)) {
      const std::optional<TileAxis> axis = longest(tiles);
      if (!axis) return tiles;
      shrink(tiles, *axis);
    }
    while (grow(tiles, TileAxis::kColumns)) {
    }
    for (bool grown = true; grown;) {
      grown = false;
      for (const TileAxis axis : kAxes) grown = grow(tiles, axis) || grown;
    }
    return tiles;
  }

  // Sizes in squares of the array.
  GivenTiles of_matrix() const {
    const std::int64_t pixels = engine_.array.run_pixels > 0 ? engine_.array.run_pixels : dots_;
    const std::int64_t sums = engine_.accumulators.size.count() * 8 / engine_.accumulators.bits / dots_ / 2;
    const auto square =
        static_cast<std::int64_t>(std::sqrt(static_cast<double>(std::max<std::int64_t>(1, sums / pixels))));
    const std::int64_t words = engine_.onchip_capacity().count() / lanes_ / 2 / pixels;
    GivenTiles tiles = whole_;
    const auto start = [&](TileAxis axis, std::int64_t unit, std::int64_t units) {
      tiles.of(axis) = std::min(whole_.of(axis), std::max<std::int64_t>(1, units) * unit);
    };
    start(TileAxis::kRows, pixels, square);
    start(TileAxis::kOutChannels, dots_, square);
    start(TileAxis::kInChannels, lanes_, words / std::max<std::int64_t>(1, square));
    while (!fits(tiles)) {
      const std::optional<TileAxis> axis = longest(tiles);
      if (!axis) return tiles;
      shrink(tiles, *axis);
    }
    for (bool grown = true; grown;) {
      grown = false;
      grown = grow(tiles, TileAxis::kOutChannels, dots_) || grown;
      grown = grow(tiles, TileAxis::kRows, pixels) || grown;
      grown = grow(tiles, TileAxis::kInChannels, lanes_) || grown;
    }
    return tiles;
  }

 private:
  bool fits(const GivenTiles& tiles) const { return broken_capacity(subgraph_, engine_, tiles, 2).empty(); }

  // The longest axis that may shrink. Columns stay at what fills a run of the array while there are other rows.
  std::optional<TileAxis> longest(const GivenTiles& tiles) const {
    std::optional<TileAxis> found;
    for (const TileAxis axis : kAxes) {
      if (tiles.of(axis) == 1) continue;
      if (axis == TileAxis::kColumns && tiles.of(axis) <= dots_ && tiles.of(TileAxis::kRows) > 1) continue;
      if (!found || tiles.of(axis) > tiles.of(*found)) found = axis;
    }
    return found;
  }

  // Channels by what the array takes at once, all else by one.
  void shrink(GivenTiles& tiles, TileAxis axis) const {
    std::int64_t& size = tiles.of(axis);
    const std::int64_t unit = axis == TileAxis::kOutChannels ? dots_ : axis == TileAxis::kInChannels ? lanes_ : 1;
    size = std::max<std::int64_t>(1, (size - 1) / unit * unit);
  }

  bool grow(GivenTiles& tiles, TileAxis axis, std::int64_t by = 1) const {
    if (tiles.of(axis) >= whole_.of(axis)) return false;
    GivenTiles larger = tiles;
    larger.of(axis) = std::min(whole_.of(axis), tiles.of(axis) + by);
    if (!fits(larger)) return false;
    tiles = larger;
    return true;
  }

  const Subgraph& subgraph_;
  const engine::EngineConfig& engine_;
  GivenTiles whole_;
  std::int64_t dots_ = 1, lanes_ = 1;
};

}  // namespace

GivenTiles half_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const HalfTiles tiles(subgraph, engine);
  return is_matrix(subgraph.shape) ? tiles.of_matrix() : tiles.of_convolution();
}

}  // namespace lanewise::mapping
