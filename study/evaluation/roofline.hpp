// SPDX-License-Identifier: Apache-2.0
// Where a network lies under the engine's roofline, and what its units waited for.
//
// The roofline (Williams, Waterman and Patterson, 2009): at an arithmetic intensity of I MACs per DRAM byte, at most
// min(peak, I x bandwidth) MACs per cycle can be reached.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record/measurement.hpp"

namespace lanewise::study {

struct SubgraphProfile {
  std::string name;
  std::int64_t latency_cycles = 0;
  std::int64_t macs = 0;
  std::int64_t dram_bytes = 0;               // as transferred: reloads and rounding to whole bursts included
  std::optional<double> macs_per_dram_byte;  // nullopt without DRAM traffic
  double peak_macs_per_cycle = 0;            // of the array at this precision
  double attainable_macs_per_cycle = 0;      // the roofline at this intensity; 0 without MACs
  double macs_per_cycle = 0;                 // achieved
  // The cycles of the MACs at peak rate or of the DRAM bytes at full bandwidth, whichever are more, relative to the
  // latency. A single subgraph may exceed 100 where its data was prefetched while its predecessor ran; the network
  // never does.
  double percent_of_roofline = 0;
  std::string bound_by;
  std::vector<record::UnitTime> units;

  bool memory_side() const;  // left of the ridge point: DRAM bandwidth is the roof
};

struct Profile {
  double peak_macs_per_cycle = 0;  // the maximum over the subgraphs
  double dram_bytes_per_cycle = 0;
  SubgraphProfile total;  // of the network; times of a unit are summed over the subgraphs
  std::vector<SubgraphProfile> subgraphs;

  double ridge() const;  // the ridge point, in MACs per DRAM byte: above it the array is the roof
};

// The cycles that one unit spent stalled for one cause, over the whole network.
struct StallCost {
  record::Unit unit = record::Unit::kCommandProcessor;
  record::StallCause cause = record::StallCause::kInput;
  std::int64_t cycles = 0;
  double percent = 0;  // of the latency of the network
};
// Sorted by cycles, the largest first.
std::vector<StallCost> stall_costs(const Profile& profile);

// Fills in the derived fields from macs, dram_bytes, latency_cycles and peak_macs_per_cycle.
void place_under_roofline(SubgraphProfile& subgraph, double dram_bytes_per_cycle);

}  // namespace lanewise::study
