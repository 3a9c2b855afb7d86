// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/dram_rows.hpp"

#include <algorithm>

namespace lanewise::mapping {

std::vector<RunPattern> tile_runs(std::int64_t rows, std::int64_t columns, std::int64_t channels,
                                  std::int64_t map_height, std::int64_t map_width, std::int64_t lanes,
                                  Precision precision) {
  const auto surfaces_of = [&](std::int64_t surfaces, std::int64_t depth) {
    const auto bytes = [&](std::int64_t pixels) { return packed_bytes(pixels * depth, precision).count(); };
    RunPattern p;
    p.surfaces = surfaces;
    p.surface_pitch = bytes(map_height * map_width);
    const bool whole_rows = columns == map_width;
    p.runs = whole_rows ? 1 : rows;
    p.run_bytes = bytes(whole_rows ? rows * columns : columns);
    p.run_pitch = bytes(map_width);
    return p;
  };
  std::vector<RunPattern> patterns;
  if (channels >= lanes) patterns.push_back(surfaces_of(channels / lanes, lanes));
  if (channels % lanes > 0) patterns.push_back(surfaces_of(1, channels % lanes));
  return patterns;
}

std::int64_t rows_opened(const RunPattern& p, std::int64_t row_bytes) {
  if (p.bytes() == 0) return 0;
  // Each run by itself, or, where several lie in one row, the rows from the first byte to the last.
  const std::int64_t surface_span = (p.runs - 1) * p.run_pitch + p.run_bytes;
  const std::int64_t of_surface =
      std::min(p.runs * ceil_div(p.run_bytes, row_bytes), ceil_div(surface_span, row_bytes));
  const std::int64_t span = (p.surfaces - 1) * p.surface_pitch + surface_span;
  return std::min(p.surfaces * of_surface, ceil_div(span, row_bytes));
}

double row_miss_cycles(const std::vector<RunPattern>& patterns, const engine::EngineConfig& engine) {
  const std::int64_t row_bytes = engine.dram.row_size.count();
  const double miss = engine.dram.row_miss_latency.count() * engine.array.clock.count();
  if (row_bytes == 0 || !(miss > 0)) return 0;
  double cycles = 0;
  bool first = true;
  for (const RunPattern& pattern : patterns) {
    const std::int64_t rows = rows_opened(pattern, row_bytes);
    if (rows == 0) continue;
    const double moving =
        static_cast<double>(pattern.bytes()) / static_cast<double>(rows) / engine.dram_bandwidth().count();
    const double hidden = static_cast<double>(engine.dram.banks - 1) * moving;
    cycles += static_cast<double>(rows - (first ? 1 : 0)) * std::max(0.0, miss - hidden);
    first = false;
  }
  return cycles;
}

}  // namespace lanewise::mapping
