// SPDX-License-Identifier: Apache-2.0
// The measurement of one subgraph, simulated or estimated, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/units.hpp"
#include "core/engine/resources.hpp"
#include "core/record/energy_breakdown.hpp"
#include "core/record/unit_names.hpp"

namespace lanewise::record {

// Where a number comes from. Never mixed within one answer.
enum class Source { kSimulated, kEstimated };
const char* to_string(Source source);  // "simulated", "estimated"

struct StallTime {
  StallCause cause = StallCause::kInput;
  Cycles cycles{0};
};

// How one unit spent a measurement's latency: busy + stalled + idle = latency, for every unit.
struct UnitTime {
  Unit unit = Unit::kCommandProcessor;
  Cycles busy{0};
  Cycles idle{0};
  std::vector<StallTime> stalled;
};

// Moments and counts inside a subgraph, which let a validation check more than the latency. Cycles count from the start
// of the simulation, which is that of the whole sequence where several subgraphs run in one. Zero where the subgraph
// has no such moment.
struct Timestamps {
  Cycles load_enabled{0};    // the loading units may start
  Cycles inputs_loaded{0};   // the whole input is on chip
  Cycles weights_loaded{0};  // all weights have come
  Cycles first_mac{0}, last_mac{0};
  Cycles mac_active{0};                          // cycles in which the array multiplies
  Cycles done{0};                                // the output is written
  std::int64_t read_beats = 0, write_beats = 0;  // words of the memory port
};

struct Measurement {
  Cycles latency{0};
  std::int64_t macs = 0;
  double utilization = 0;  // MACs over latency x peak int8 MACs per cycle, 0-1
  Bytes dram_read{0}, dram_write{0};
  Bytes sram_read{0}, sram_write{0};
  Bytes peak_sram{0};
  Picojoules energy{0};
  EnergyBreakdown energy_parts;  // add up to `energy`; zero when estimated or read from a store
  std::string bound_by;          // what would help most: see record::bound_by
  // Cycles that each resource would save if it were doubled, with the same tile plan and all else as it is. Zeros when
  // estimated or read from a store.
  engine::PerResource<double> gains;
  std::vector<UnitTime> units;  // empty when estimated
  Timestamps timestamps;        // zero when estimated

  Bytes dram_bytes() const { return dram_read + dram_write; }
};

inline constexpr const char* kNoBound = "latency";
// The name of the resource that saves most if it is doubled; kNoBound where none saves anything. Of resources that
// save about as much (within half a percent of it) the first.
std::string bound_by(const engine::PerResource<double>& gains);

}  // namespace lanewise::record
