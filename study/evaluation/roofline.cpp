// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/roofline.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace lanewise::study {
namespace {

double percent(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? 100.0 * as_double(part) / as_double(whole) : 0;
}

}  // namespace

const char* to_string(Ceiling ceiling) {
  static constexpr std::array<const char*, kCeilingCount> kNames{
      "peak", "dram", "lane_fill", "depthwise_lanes", "weight_load", "post_processor", "onchip_bandwidth"};
  return kNames.at(static_cast<std::size_t>(ceiling));
}

// Of equals the first, so that a full array is bound by its peak and not by its fill.
CeilingHeight SubgraphProfile::lowest() const {
  CeilingHeight lowest;
  for (const CeilingHeight& height : ceilings) {
    const bool lower = height.macs_per_cycle < lowest.macs_per_cycle * (1 - 1e-9);
    if (lowest.macs_per_cycle == 0 || lower) lowest = height;
  }
  return lowest;
}

bool SubgraphProfile::memory_side() const {
  return macs == 0 ? dram_bytes > 0 : attainable_macs_per_cycle < peak_macs_per_cycle;
}

double Profile::ridge() const { return dram_bytes_per_cycle > 0 ? peak_macs_per_cycle / dram_bytes_per_cycle : 0; }

void place_under_roofline(SubgraphProfile& subgraph, double dram_bytes_per_cycle) {
  const double macs = as_double(subgraph.macs);
  const double latency = as_double(subgraph.latency_cycles);
  const double dram_cycles = as_double(subgraph.dram_bytes) / dram_bytes_per_cycle;
  const double mac_cycles = subgraph.peak_macs_per_cycle > 0 ? macs / subgraph.peak_macs_per_cycle : 0;
  subgraph.macs_per_dram_byte.reset();
  if (subgraph.dram_bytes > 0) subgraph.macs_per_dram_byte = macs / as_double(subgraph.dram_bytes);
  subgraph.attainable_macs_per_cycle =
      subgraph.macs_per_dram_byte
          ? std::min(subgraph.peak_macs_per_cycle, *subgraph.macs_per_dram_byte * dram_bytes_per_cycle)
          : (subgraph.macs > 0 ? subgraph.peak_macs_per_cycle : 0);
  subgraph.macs_per_cycle = latency > 0 ? macs / latency : 0;
  subgraph.percent_of_roofline = latency > 0 ? 100 * std::max(mac_cycles, dram_cycles) / latency : 0;
}

std::vector<NetworkCeiling> network_ceilings(const Profile& profile) {
  std::map<std::pair<Ceiling, std::string>, NetworkCeiling> found;
  std::map<std::pair<Ceiling, std::string>, std::int64_t> latency;
  for (const SubgraphProfile& subgraph : profile.subgraphs) {
    if (subgraph.ceilings.empty()) continue;
    const CeilingHeight lowest = subgraph.lowest();
    const std::pair<Ceiling, std::string> key{lowest.ceiling, subgraph.family};
    NetworkCeiling& ceiling = found[key];
    ceiling.ceiling = lowest.ceiling;
    ceiling.family = subgraph.family;
    ceiling.macs_per_cycle = std::max(ceiling.macs_per_cycle, lowest.macs_per_cycle);
    ++ceiling.subgraphs;
    latency[key] += subgraph.latency_cycles;
  }
  std::vector<NetworkCeiling> out;
  for (auto& [key, ceiling] : found) {
    ceiling.latency_percent = percent(latency[key], profile.total.latency_cycles);
    out.push_back(ceiling);
  }
  std::stable_sort(out.begin(), out.end(), [](const NetworkCeiling& a, const NetworkCeiling& b) {
    return a.latency_percent > b.latency_percent;
  });
  return out;
}

std::vector<StallCost> stall_costs(const Profile& profile) {
  std::vector<StallCost> costs;
  for (const record::UnitTime& unit : profile.total.units) {
    for (const record::StallTime& stall : unit.stalled) {
      if (stall.cycles.count() == 0) continue;
      costs.push_back(
          {unit.unit, stall.cause, stall.cycles.count(), percent(stall.cycles.count(), profile.total.latency_cycles)});
    }
  }
  std::stable_sort(costs.begin(), costs.end(),
                   [](const StallCost& a, const StallCost& b) { return a.cycles > b.cycles; });
  return costs;
}

}  // namespace lanewise::study
