// SPDX-License-Identifier: Apache-2.0
// Where a network stands under the engine's roofline, and what its units waited for.
//
// The roofline (Williams, Waterman and Patterson, 2009): with an arithmetic intensity of I MACs a DRAM byte, no more
// than min(peak, I x bandwidth) MACs a cycle can be reached.
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
  std::int64_t dram_bytes = 0;               // as moved: loaded again and bursts rounded up count
  std::optional<double> macs_per_dram_byte;  // absent without DRAM traffic
  double peak_macs_per_cycle = 0;            // of the array at this precision
  double attainable_macs_per_cycle = 0;      // under the roofline; 0 without MACs
  double macs_per_cycle = 0;                 // achieved
  // Cycles that MACs at the peak or DRAM bytes at the full bandwidth take, whichever are more, over the latency. Of a
  // subgraph alone it may exceed 100 where its data came while the subgraph before it ran; of the network never.
  double percent_of_roofline = 0;
  std::string bound_by;
  std::vector<record::UnitTime> units;

  bool memory_side() const;  // left of the ridge: DRAM is the roof
};

struct Profile {
  double peak_macs_per_cycle = 0;  // the highest of the subgraphs
  double dram_bytes_per_cycle = 0;
  SubgraphProfile total;  // of the network: units added up by name
  std::vector<SubgraphProfile> subgraphs;

  double ridge() const;  // MACs a DRAM byte from which on the array is the roof
};

// What one unit waited for over the whole network.
struct StallCost {
  record::Unit unit = record::Unit::kCommandProcessor;
  record::StallCause cause = record::StallCause::kInput;
  std::int64_t cycles = 0;
  double percent = 0;  // of the latency of the network
};
// The largest first.
std::vector<StallCost> stall_costs(const Profile& profile);

// Derives what follows from macs, dram_bytes, latency and peak.
void place_under_roofline(SubgraphProfile& subgraph, double dram_bytes_per_cycle);

}  // namespace lanewise::study
