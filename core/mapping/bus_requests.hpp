// SPDX-License-Identifier: Apache-2.0
// The requests on the bus that transfers of given tiles consist of, and what they take (`dma.load_request`, …,
// `cache.*`). Tensors lie in DRAM pixel after pixel, all channels of a pixel together; weights tap after tap, input
// channel after input channel, all output channels of one together.
#pragma once

#include <cstdint>
#include <optional>

#include "core/engine/engine_config.hpp"
#include "core/mapping/line_cache.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// One axis of a tile: [begin, end).
using TileRange = SubgraphShape::Range;

struct TileRanges {
  std::int64_t image = 0;            // of the batch
  TileRange rows, columns, outputs;  // of the output
  TileRange in_rows, in_columns;     // of the input, padding left out
  TileRange kernel_rows, kernel_columns, channels;
};

class BusRequests {
 public:
  BusRequests(const SubgraphShape& shape, const engine::EngineConfig& engine);

  // The transfer of a tile's input, weights or outputs: the bytes of its requests in whole bursts, and the cycles that
  // they take beside those. Calls must come in the order in which the transfers go out.
  Transfer input(const TileRanges& tile);
  Transfer weights(const TileRanges& tile);
  Transfer store(const TileRanges& tile);

 private:
  struct Direction {
    std::int64_t largest = 0;  // bytes of a request
    double request = 0, miss = 0;
  };
  // Of contiguous bytes, in pieces of no more than the largest request, each of which takes requests of its own.
  void add(const Direction& direction, std::int64_t address, std::int64_t bytes, Transfer& transfer);

  const SubgraphShape& shape_;
  std::int64_t burst_ = 1;
  Direction load_, store_;
  std::int64_t weights_at_ = 0, outputs_at_ = 0;  // addresses; inputs lie at 0
  std::optional<LineCache> cache_;
};

}  // namespace lanewise::mapping
