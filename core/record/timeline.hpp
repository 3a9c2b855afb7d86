// SPDX-License-Identifier: Apache-2.0
// What every unit did and when, as plain data. Traces, waveforms and charts are drawn from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record/unit_names.hpp"

namespace lanewise::record {

// A stretch of one unit's time. Times are in engine cycles since the start of the simulation; they may have fractions
// where a memory's rate does not divide a cycle. Slices of one unit do not overlap and are in order; gaps are idle.
struct Slice {
  std::int32_t unit = 0;      // place in Timeline::units
  std::int32_t subgraph = 0;  // place in Timeline::subgraphs
  std::int32_t tile = -1;     // place in the subgraph's tile plan, -1 where the unit does not work by tiles
  double begin = 0, end = 0;
  std::optional<StallCause> stall;  // none while busy
};

// A quantity over time: it has `value` from `at` until the next sample of the same counter.
struct CounterSample {
  std::int32_t counter = 0;  // place in Timeline::counters
  double at = 0;             // cycles
  double value = 0;
};

struct Timeline {
  std::vector<std::string> units;      // texts of Unit, in the order of the enum
  std::vector<std::string> subgraphs;  // names of the subgraphs, in order of execution
  std::vector<std::string> counters;   // "dram_read_bytes_per_cycle", "onchip_bytes" …: the unit stands in the name
  std::vector<Slice> slices;
  std::vector<CounterSample> samples;
  double cycles = 0;    // length of the whole simulation
  double clock_hz = 0;  // engine clock, to turn cycles into seconds
};

}  // namespace lanewise::record
