// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/whole_results.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace lanewise::study {
namespace {

record::Measurement sum_of(const mapping::WholeSubgraph& subgraph, const std::vector<record::SubgraphResult>& parts,
                           const engine::EngineConfig& engine) {
  record::Measurement sum;
  std::map<std::string, std::int64_t> bounds;  // of rows that came without gains
  for (const std::size_t part : subgraph.parts) {
    const record::Measurement& m = parts[part].measurement;
    sum.latency += m.latency;
    sum.dram_read += m.dram_read;
    sum.dram_write += m.dram_write;
    sum.sram_read += m.sram_read;
    sum.sram_write += m.sram_write;
    sum.peak_sram = std::max(sum.peak_sram, m.peak_sram);
    sum.energy += m.energy;
    sum.energy_parts += m.energy_parts;
    bounds[m.bound_by] += m.latency.count();
    add_gains(sum.gains, m.gains);
    add_units(sum.units, m.units);
  }
  sum.macs = subgraph.whole->shape.macs();
  const double slots = as_double(sum.latency) * as_double(engine.macs_per_cycle());
  sum.utilization = slots > 0 ? as_double(sum.macs) / slots : 0;
  const auto largest =
      std::max_element(bounds.begin(), bounds.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  sum.bound_by = record::bound_by(sum.gains);
  if (sum.bound_by == record::kNoBound && largest != bounds.end()) sum.bound_by = largest->first;
  return sum;
}

}  // namespace

void add_gains(engine::PerResource<double>& all, const engine::PerResource<double>& gains) {
  for (const engine::ResourceName& name : engine::resource_names()) all[name.resource] += gains[name.resource];
}

void add_units(std::vector<record::UnitTime>& all, const std::vector<record::UnitTime>& units) {
  for (const record::UnitTime& unit : units) {
    auto sum = std::find_if(all.begin(), all.end(), [&](const record::UnitTime& u) { return u.unit == unit.unit; });
    if (sum == all.end()) sum = all.insert(all.end(), record::UnitTime{unit.unit, Cycles(0), Cycles(0), {}});
    sum->busy += unit.busy;
    sum->idle += unit.idle;
    for (const record::StallTime& stall : unit.stalled) {
      auto cause = std::find_if(sum->stalled.begin(), sum->stalled.end(),
                                [&](const record::StallTime& s) { return s.cause == stall.cause; });
      if (cause == sum->stalled.end()) cause = sum->stalled.insert(cause, {stall.cause, Cycles(0)});
      cause->cycles += stall.cycles;
    }
  }
}

std::vector<record::Measurement> whole_measurements(const std::vector<mapping::WholeSubgraph>& subgraphs,
                                                    const std::vector<record::SubgraphResult>& parts,
                                                    const engine::EngineConfig& engine) {
  std::vector<record::Measurement> out;
  out.reserve(subgraphs.size());
  for (const mapping::WholeSubgraph& subgraph : subgraphs) {
    out.push_back(subgraph.parts.size() == 1 && subgraph.whole->part.cascade < 0
                      ? parts[subgraph.parts.front()].measurement
                      : sum_of(subgraph, parts, engine));
  }
  return out;
}

}  // namespace lanewise::study
