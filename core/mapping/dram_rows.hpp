// SPDX-License-Identifier: Apache-2.0
// What DRAM rows add to a transfer: an approximation from its contiguous runs alone, without a state of the DRAM.
//
// A row is opened once for all that a transfer reads of it in ascending order, a transfer begins at a row's start, and
// rows next to each other lie in different banks. While data of the open row moves, the next `dram.banks` - 1 rows are
// being opened; what their opening takes longer than that, DRAM stands still. The first row of a transfer is opened
// within dram.latency. Rows that other transfers closed in between are not seen, refresh neither.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/precision.hpp"
#include "core/engine/engine_config.hpp"

namespace lanewise::mapping {

// Bytes that a transfer touches in DRAM: `surfaces` of them, `surface_pitch` bytes from one's start to the next's, each
// of `runs` contiguous runs of `run_bytes`, `run_pitch` bytes from start to start. Pitches are not below what they step
// over.
struct RunPattern {
  std::int64_t surfaces = 1, surface_pitch = 0;
  std::int64_t runs = 1, run_pitch = 0;
  std::int64_t run_bytes = 0;
  std::int64_t bytes() const { return surfaces * runs * run_bytes; }
};

// The runs of a tile of `rows` x `columns` x `channels` elements of a map of `map_height` x `map_width`, stored in
// surfaces of `lanes` channels, pixel after pixel (mapping/tile_plan.hpp): the full surfaces, then what is left.
std::vector<RunPattern> tile_runs(std::int64_t rows, std::int64_t columns, std::int64_t channels,
                                  std::int64_t map_height, std::int64_t map_width, std::int64_t lanes,
                                  Precision precision);

// Rows of `row_bytes` that the transfer opens, at least 1 where it moves anything.
std::int64_t rows_opened(const RunPattern& pattern, std::int64_t row_bytes);

// Cycles of the engine's clock that DRAM stands still for one transfer made of `patterns`, beside what its bytes take
// at dram.bandwidth; 0 where dram.row_size or dram.row_miss_latency is 0.
double row_miss_cycles(const std::vector<RunPattern>& patterns, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
