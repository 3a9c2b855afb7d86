// SPDX-License-Identifier: Apache-2.0
#include "report/profile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

double percent(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? 100.0 * as_double(part) / as_double(whole) : 0;
}

// "weights 12.1, input 3.0": percent of the latency, the largest first; what would print as zero is left out.
std::string stalls_text(const study::SubgraphProfile& subgraph, bool (*wanted)(record::Unit unit)) {
  std::vector<std::pair<record::StallCause, double>> stalls;
  for (const record::UnitTime& unit : subgraph.units) {
    if (!wanted(unit.unit)) continue;
    for (const record::StallTime& stall : unit.stalled) {
      const auto known =
          std::find_if(stalls.begin(), stalls.end(), [&](const auto& entry) { return entry.first == stall.cause; });
      const double share = percent(stall.cycles.count(), subgraph.latency_cycles);
      if (known == stalls.end()) {
        stalls.emplace_back(stall.cause, share);
      } else {
        known->second += share;
      }
    }
  }
  std::stable_sort(stalls.begin(), stalls.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out;
  for (const auto& [cause, share] : stalls) {
    if (share < 0.05) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", record::to_string(cause), fixed(share, 1));
  }
  return out.empty() ? "-" : out;
}

using record::Unit;

bool is_array(Unit unit) { return unit == Unit::kDotProductArray; }
bool is_post(Unit unit) { return unit == Unit::kPostProcessor; }
bool is_load(Unit unit) {
  return unit == Unit::kLoadDma || unit == Unit::kInputLoader || unit == Unit::kWeightLoader ||
         unit == Unit::kOperandLoader;
}
bool is_store(Unit unit) { return unit == Unit::kStoreDma || unit == Unit::kWritePort; }

std::string subgraphs_table(const study::Profile& profile) {
  Table table({{"#"},
               {"subgraph", Align::kLeft},
               {"cycles"},
               {"share %"},
               {"MACs/B"},
               {"attainable"},
               {"achieved"},
               {"% of roof"},
               {"ceiling"},
               {"lowest ceiling", Align::kLeft},
               {"bound by", Align::kLeft}});
  const auto add = [&](const std::string& number, const study::SubgraphProfile& p) {
    const bool macs = p.macs > 0;
    table.add({number, p.name, grouped(p.latency_cycles),
               fixed(percent(p.latency_cycles, profile.total.latency_cycles), 1),
               macs && p.macs_per_dram_byte ? compact(*p.macs_per_dram_byte) : "-",
               macs ? fixed(p.attainable_macs_per_cycle, 1) : "-", macs ? fixed(p.macs_per_cycle, 1) : "-",
               fixed(p.percent_of_roofline, 1), macs && !p.ceilings.empty() ? fixed(p.lowest().macs_per_cycle, 1) : "-",
               macs && !p.ceilings.empty() ? study::to_string(p.lowest().ceiling)
               : p.memory_side()           ? "dram"
                                           : "-",
               p.bound_by});
  };
  for (std::size_t i = 0; i < profile.subgraphs.size(); ++i)
    add(grouped(static_cast<std::int64_t>(i)), profile.subgraphs[i]);
  add("", profile.total);
  return table.text();
}

std::string stalls_table(const study::Profile& profile) {
  Table table({{"#"},
               {"array", Align::kLeft},
               {"post-processor", Align::kLeft},
               {"loading", Align::kLeft},
               {"storing", Align::kLeft}});
  const auto add = [&](const std::string& number, const study::SubgraphProfile& p) {
    table.add(
        {number, stalls_text(p, is_array), stalls_text(p, is_post), stalls_text(p, is_load), stalls_text(p, is_store)});
  };
  for (std::size_t i = 0; i < profile.subgraphs.size(); ++i)
    add(grouped(static_cast<std::int64_t>(i)), profile.subgraphs[i]);
  add("all", profile.total);
  return table.text();
}

std::string ceilings_table(const study::Profile& profile) {
  Table table({{"lowest ceiling", Align::kLeft},
               {"family", Align::kLeft},
               {"at most MACs/cycle"},
               {"subgraphs"},
               {"% of latency"}});
  for (const study::NetworkCeiling& ceiling : profile.ceilings) {
    table.add({study::to_string(ceiling.ceiling), ceiling.family, fixed(ceiling.macs_per_cycle, 1),
               grouped(ceiling.subgraphs), fixed(ceiling.latency_percent, 1)});
  }
  return table.text();
}

std::string costs_table(const study::Profile& profile) {
  Table table({{"unit", Align::kLeft}, {"stalled by", Align::kLeft}, {"cycles"}, {"% of latency"}});
  for (const study::StallCost& cost : study::stall_costs(profile)) {
    table.add(
        {record::to_string(cost.unit), record::to_string(cost.cause), grouped(cost.cycles), fixed(cost.percent, 1)});
  }
  return table.text();
}

Json subgraph_json(const study::SubgraphProfile& subgraph) {
  Json stalled = Json::object();
  for (const record::UnitTime& unit : subgraph.units) {
    for (const record::StallTime& stall : unit.stalled) {
      stalled[record::to_string(unit.unit)][record::to_string(stall.cause)] =
          percent(stall.cycles.count(), subgraph.latency_cycles);
    }
  }
  Json ceilings = Json::object();
  for (const study::CeilingHeight& height : subgraph.ceilings) {
    ceilings[study::to_string(height.ceiling)] = height.macs_per_cycle;
  }
  return {{"name", subgraph.name},
          {"latency_cycles", subgraph.latency_cycles},
          {"macs", subgraph.macs},
          {"dram_bytes", subgraph.dram_bytes},
          {"macs_per_dram_byte", subgraph.macs_per_dram_byte ? Json(*subgraph.macs_per_dram_byte) : Json(nullptr)},
          {"peak_macs_per_cycle", subgraph.peak_macs_per_cycle},
          {"attainable_macs_per_cycle", subgraph.attainable_macs_per_cycle},
          {"macs_per_cycle", subgraph.macs_per_cycle},
          {"percent_of_roofline", subgraph.percent_of_roofline},
          {"ceiling", subgraph.ceilings.empty() ? Json(nullptr) : Json(study::to_string(subgraph.lowest().ceiling))},
          {"ceiling_macs_per_cycle", subgraph.lowest().macs_per_cycle},
          {"ceilings", ceilings},
          {"bound_by", subgraph.bound_by},
          {"stalled_percent", stalled}};
}

}  // namespace

std::string to_text(const study::Profile& profile) {
  return fmt::format(
      "Roofline: {} MACs/cycle at most, {} DRAM bytes/cycle, ridge at {} MACs/byte\n\n{}\n{}\n{}\n"
      "Stalled, % of the latency of the subgraph\n\n{}\nStalled, whole network\n\n{}",
      compact(profile.peak_macs_per_cycle), compact(profile.dram_bytes_per_cycle), compact(profile.ridge()),
      roofline_text(profile), ceilings_table(profile), subgraphs_table(profile), stalls_table(profile),
      costs_table(profile));
}

Json profile_json(const study::Profile& profile) {
  Json subgraphs = Json::array();
  for (const study::SubgraphProfile& subgraph : profile.subgraphs) subgraphs.push_back(subgraph_json(subgraph));
  Json costs = Json::array();
  for (const study::StallCost& cost : study::stall_costs(profile)) {
    costs.push_back({{"unit", record::to_string(cost.unit)},
                     {"cause", record::to_string(cost.cause)},
                     {"cycles", cost.cycles},
                     {"percent", cost.percent}});
  }
  Json ceilings = Json::array();
  for (const study::NetworkCeiling& ceiling : profile.ceilings) {
    ceilings.push_back({{"name", study::to_string(ceiling.ceiling)},
                        {"family", ceiling.family},
                        {"macs_per_cycle", ceiling.macs_per_cycle},
                        {"subgraphs", ceiling.subgraphs},
                        {"latency_percent", ceiling.latency_percent}});
  }
  return {{"peak_macs_per_cycle", profile.peak_macs_per_cycle},
          {"ceilings", ceilings},
          {"dram_bytes_per_cycle", profile.dram_bytes_per_cycle},
          {"ridge_macs_per_dram_byte", profile.ridge()},
          {"total", subgraph_json(profile.total)},
          {"stalls", costs},
          {"subgraphs", subgraphs}};
}

}  // namespace lanewise::report
