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

// What keeps a subgraph from more MACs per cycle, by formula from the keys of the engine and its shape
// (mapping::bounds): no plan and no simulation exceeds the lowest.
enum class Ceiling {
  kPeak,             // every lane of every dot product works in every cycle
  kDram,             // the roofline's slope: arithmetic intensity x DRAM bandwidth
  kLaneFill,         // input channels, output channels and patches do not fill the array
  kDepthwiseLanes,   // the same of depthwise and grouped convolutions
  kWeightLoad,       // every block takes as long as loading its weights
  kPostProcessor,    // the sums leave as fast as the post-processor takes them
  kOnChipBandwidth,  // operands and results pass through the banks
};
inline constexpr int kCeilingCount = 7;
const char* to_string(Ceiling ceiling);  // "peak", "dram", "lane_fill", "depthwise_lanes", …

struct CeilingHeight {
  Ceiling ceiling = Ceiling::kPeak;
  double macs_per_cycle = 0;
};

struct SubgraphProfile {
  std::string name;
  std::string family;  // mapping::to_string of the subgraph family; "" of a network
  std::int64_t latency_cycles = 0;
  std::int64_t macs = 0;
  std::int64_t dram_bytes = 0;               // as transferred: reloads and rounding to whole bursts included
  std::optional<double> macs_per_dram_byte;  // nullopt without DRAM traffic
  double peak_macs_per_cycle = 0;            // of the array at this precision
  double attainable_macs_per_cycle = 0;      // the roofline at this intensity; 0 without MACs
  double macs_per_cycle = 0;                 // achieved
  // All that it has, in the order of the enumeration; none without MACs.
  std::vector<CeilingHeight> ceilings;
  // The lowest of them: what binds.
  CeilingHeight lowest() const;
  // The cycles of the MACs at peak rate or of the DRAM bytes at full bandwidth, whichever are more, relative to the
  // latency. A single subgraph may exceed 100 where its data was prefetched while its predecessor ran; the network
  // never does.
  double percent_of_roofline = 0;
  std::string bound_by;
  std::vector<record::UnitTime> units;

  bool memory_side() const;  // left of the ridge point: DRAM bandwidth is the roof
};

// A ceiling over the subgraphs of one family that it binds.
struct NetworkCeiling {
  Ceiling ceiling = Ceiling::kPeak;
  std::string family;
  double macs_per_cycle = 0;   // the highest of theirs: none of them lies above it
  std::int64_t subgraphs = 0;  // that it binds
  double latency_percent = 0;  // their share of the latency of the network
};

struct Profile {
  double peak_macs_per_cycle = 0;  // the maximum over the subgraphs
  double dram_bytes_per_cycle = 0;
  std::vector<NetworkCeiling> ceilings;  // those that bind some subgraph, the most latency first
  SubgraphProfile total;                 // of the network; times of a unit are summed over the subgraphs
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

// The ceilings that bind some subgraph of the profile.
std::vector<NetworkCeiling> network_ceilings(const Profile& profile);

// Fills in the derived fields from macs, dram_bytes, latency_cycles and peak_macs_per_cycle.
void place_under_roofline(SubgraphProfile& subgraph, double dram_bytes_per_cycle);

}  // namespace lanewise::study
