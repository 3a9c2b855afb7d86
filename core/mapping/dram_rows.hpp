// SPDX-License-Identifier: Apache-2.0
// The time that a transfer loses to opening DRAM rows. The model sees the contiguous runs of one transfer and keeps no
// state of the DRAM between transfers.
//
// Assumptions: a transfer begins at the start of a row, reads in ascending order, and opens each row once. Neighbouring
// rows lie in different banks. While data of the open row moves, the next `dram.banks` - 1 rows are being opened; DRAM
// stalls for whatever is left of that. Opening the first row of a transfer is part of dram.latency. Neither refresh nor
// rows that other transfers close in between are modelled.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/precision.hpp"
#include "core/engine/engine_config.hpp"

namespace lanewise::mapping {

// The bytes of a transfer in DRAM: `surfaces` surfaces that begin `surface_pitch` bytes apart, each with `runs`
// contiguous runs of `run_bytes` bytes that begin `run_pitch` bytes apart. Surfaces do not overlap, nor do runs.
struct RunPattern {
  std::int64_t surfaces = 1, surface_pitch = 0;
  std::int64_t runs = 1, run_pitch = 0;
  std::int64_t run_bytes = 0;
  std::int64_t bytes() const { return surfaces * runs * run_bytes; }
};

// The runs of a tile of `rows` x `columns` x `channels` elements of a map of `map_height` x `map_width`. The map is
// stored in surfaces of `lanes` channels, pixel after pixel (core/mapping/tile_plan.hpp). The first pattern holds the
// full surfaces, and a second one the surface with the remaining channels, where there are any.
std::vector<RunPattern> tile_runs(std::int64_t rows, std::int64_t columns, std::int64_t channels,
                                  std::int64_t map_height, std::int64_t map_width, std::int64_t lanes,
                                  Precision precision);

// Number of rows of `row_bytes` bytes that the transfer opens; at least 1 if it moves anything.
std::int64_t rows_opened(const RunPattern& pattern, std::int64_t row_bytes);

// Cycles of the engine's clock for which DRAM stalls during a transfer made of `patterns`, on top of moving its bytes
// at dram.bandwidth. 0 where dram.row_size or dram.row_miss_latency is 0.
double row_miss_cycles(const std::vector<RunPattern>& patterns, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
