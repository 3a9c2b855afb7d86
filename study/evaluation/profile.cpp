// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/profile.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/partition.hpp"
#include "study/evaluation/whole_results.hpp"

namespace lanewise::study {
namespace {

// The MACs over the cycles that each bound alone would take.
std::vector<CeilingHeight> ceilings_of(const mapping::SubgraphShape& shape, const mapping::Bounds& bounds,
                                       double dram_cycles) {
  const std::pair<Ceiling, double> cycles[] = {
      {Ceiling::kPeak, bounds.mac_cycles},
      {Ceiling::kDram, dram_cycles},
      {shape.groups > 1 && shape.family != mapping::SubgraphFamily::kMatMul ? Ceiling::kDepthwiseLanes
                                                                            : Ceiling::kLaneFill,
       bounds.fill_cycles},
      {Ceiling::kWeightLoad, bounds.weight_load_cycles},
      {Ceiling::kPostProcessor, bounds.post_cycles},
      {Ceiling::kOnChipBandwidth, std::max(bounds.activation_cycles, bounds.weight_cycles)}};
  std::vector<CeilingHeight> heights;
  for (const auto& [ceiling, taken] : cycles) {
    if (taken > 0) heights.push_back({ceiling, static_cast<double>(shape.macs()) / taken});
  }
  return heights;
}

}  // namespace

Profile profile(const network::Graph& graph, const engine::EngineConfig& engine, const NetworkAnswer& answer) {
  const mapping::Partition partition = mapping::partition_with_memory(graph, engine);
  const std::vector<mapping::WholeSubgraph> subgraphs = mapping::whole_subgraphs(partition);
  if (subgraphs.size() != answer.subgraphs.size()) {
    throw InternalError("profile: the answer about " + answer.network + " has other passes than its partition");
  }
  Profile out;
  out.dram_bytes_per_cycle = engine.dram_bandwidth().count();
  if (engine.separate_write_port()) out.dram_bytes_per_cycle += engine.dram_write_bandwidth().count();
  SubgraphProfile& total = out.total;
  total.name = answer.network;
  double mac_cycles = 0;
  for (std::size_t i = 0; i < subgraphs.size(); ++i) {
    const SubgraphAnswer& s = answer.subgraphs[i];
    SubgraphProfile subgraph;
    subgraph.name = s.name;
    subgraph.family = s.family;
    subgraph.latency_cycles = s.latency_cycles;
    subgraph.macs = s.macs;
    subgraph.dram_bytes = s.dram_bytes;
    subgraph.bound_by = s.bound_by;
    subgraph.units = s.units;
    if (s.macs > 0) {
      const mapping::Bounds bounds = mapping::bounds(*subgraphs[i].whole, engine);
      const double cycles = bounds.mac_cycles;
      subgraph.peak_macs_per_cycle = static_cast<double>(s.macs) / cycles;
      mac_cycles += cycles;
      out.peak_macs_per_cycle = std::max(out.peak_macs_per_cycle, subgraph.peak_macs_per_cycle);
      const double dram_cycles = static_cast<double>(s.dram_bytes) / out.dram_bytes_per_cycle;
      subgraph.ceilings = ceilings_of(subgraphs[i].whole->shape, bounds, std::max(dram_cycles, bounds.dram_cycles));
    }
    place_under_roofline(subgraph, out.dram_bytes_per_cycle);
    add_units(total.units, s.units);
    out.subgraphs.push_back(std::move(subgraph));
  }
  if (mac_cycles == 0) out.peak_macs_per_cycle = static_cast<double>(engine.macs_per_cycle());
  total.latency_cycles = answer.total.latency_cycles;
  total.macs = answer.total.macs;
  total.dram_bytes = answer.total.dram_bytes;
  total.peak_macs_per_cycle = mac_cycles > 0 ? static_cast<double>(total.macs) / mac_cycles : 0;
  total.bound_by = answer.total.bound_by;
  place_under_roofline(total, out.dram_bytes_per_cycle);
  out.ceilings = network_ceilings(out);
  return out;
}

}  // namespace lanewise::study
