// SPDX-License-Identifier: Apache-2.0
#include "report/profile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

double as_double(std::int64_t value) { return static_cast<double>(value); }

double percent(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? 100.0 * as_double(part) / as_double(whole) : 0;
}

// "weights 12.1, input 3.0": percent of the latency, the largest first; what would print as zero is left out.
std::string stalls_text(const PassProfile& pass, bool (*wanted)(const std::string& unit)) {
  std::vector<std::pair<std::string, double>> stalls;
  for (const record::UnitTime& unit : pass.units) {
    if (!wanted(unit.unit)) continue;
    for (const record::StallTime& stall : unit.stalled) {
      const auto known =
          std::find_if(stalls.begin(), stalls.end(), [&](const auto& entry) { return entry.first == stall.cause; });
      const double share = percent(stall.cycles.count(), pass.latency_cycles);
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
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", cause, fixed(share, 1));
  }
  return out.empty() ? "-" : out;
}

bool is_array(const std::string& unit) { return unit == "dot_product_array"; }
bool is_post(const std::string& unit) { return unit == "post_processor"; }
bool is_load(const std::string& unit) {
  return unit.find("load_dma") != std::string::npos || unit.find("loader") != std::string::npos;
}
bool is_store(const std::string& unit) { return unit.find("store_dma") != std::string::npos || unit == "write_port"; }

std::string passes_table(const Profile& profile) {
  Table table({{"#"},
               {"subgraph", Align::kLeft},
               {"cycles"},
               {"share %"},
               {"MACs/B"},
               {"attainable"},
               {"achieved"},
               {"% of roof"},
               {"roof", Align::kLeft},
               {"bound by", Align::kLeft}});
  const auto add = [&](const std::string& number, const PassProfile& p) {
    const bool macs = p.macs > 0;
    table.add({number, p.name, grouped(p.latency_cycles),
               fixed(percent(p.latency_cycles, profile.total.latency_cycles), 1),
               macs && p.macs_per_dram_byte ? compact(*p.macs_per_dram_byte) : "-",
               macs ? fixed(p.attainable_macs_per_cycle, 1) : "-", macs ? fixed(p.macs_per_cycle, 1) : "-",
               fixed(p.percent_of_roofline, 1),
               p.memory_side() ? "DRAM"
               : macs          ? "array"
                               : "-",
               p.bound_by});
  };
  for (std::size_t i = 0; i < profile.passes.size(); ++i) add(grouped(static_cast<std::int64_t>(i)), profile.passes[i]);
  add("", profile.total);
  return table.text();
}

std::string stalls_table(const Profile& profile) {
  Table table({{"#"},
               {"array", Align::kLeft},
               {"post-processor", Align::kLeft},
               {"loading", Align::kLeft},
               {"storing", Align::kLeft}});
  const auto add = [&](const std::string& number, const PassProfile& p) {
    table.add(
        {number, stalls_text(p, is_array), stalls_text(p, is_post), stalls_text(p, is_load), stalls_text(p, is_store)});
  };
  for (std::size_t i = 0; i < profile.passes.size(); ++i) add(grouped(static_cast<std::int64_t>(i)), profile.passes[i]);
  add("all", profile.total);
  return table.text();
}

std::string costs_table(const Profile& profile) {
  Table table({{"unit", Align::kLeft}, {"stalled by", Align::kLeft}, {"cycles"}, {"% of latency"}});
  for (const StallCost& cost : stall_costs(profile)) {
    table.add({cost.unit, cost.cause, grouped(cost.cycles), fixed(cost.percent, 1)});
  }
  return table.text();
}

Json pass_json(const PassProfile& pass) {
  Json stalled = Json::object();
  for (const record::UnitTime& unit : pass.units) {
    for (const record::StallTime& stall : unit.stalled) {
      stalled[unit.unit][stall.cause] = percent(stall.cycles.count(), pass.latency_cycles);
    }
  }
  return {{"name", pass.name},
          {"latency_cycles", pass.latency_cycles},
          {"macs", pass.macs},
          {"dram_bytes", pass.dram_bytes},
          {"macs_per_dram_byte", pass.macs_per_dram_byte ? Json(*pass.macs_per_dram_byte) : Json(nullptr)},
          {"peak_macs_per_cycle", pass.peak_macs_per_cycle},
          {"attainable_macs_per_cycle", pass.attainable_macs_per_cycle},
          {"macs_per_cycle", pass.macs_per_cycle},
          {"percent_of_roofline", pass.percent_of_roofline},
          {"bound_by", pass.bound_by},
          {"stalled_percent", stalled}};
}

}  // namespace

bool PassProfile::memory_side() const {
  return macs == 0 ? dram_bytes > 0 : attainable_macs_per_cycle < peak_macs_per_cycle;
}

double Profile::ridge() const { return dram_bytes_per_cycle > 0 ? peak_macs_per_cycle / dram_bytes_per_cycle : 0; }

void place_under_roofline(PassProfile& pass, double dram_bytes_per_cycle) {
  const double macs = as_double(pass.macs);
  const double latency = as_double(pass.latency_cycles);
  const double dram_cycles = as_double(pass.dram_bytes) / dram_bytes_per_cycle;
  const double mac_cycles = pass.peak_macs_per_cycle > 0 ? macs / pass.peak_macs_per_cycle : 0;
  pass.macs_per_dram_byte.reset();
  if (pass.dram_bytes > 0) pass.macs_per_dram_byte = macs / as_double(pass.dram_bytes);
  pass.attainable_macs_per_cycle =
      pass.macs_per_dram_byte ? std::min(pass.peak_macs_per_cycle, *pass.macs_per_dram_byte * dram_bytes_per_cycle)
                              : (pass.macs > 0 ? pass.peak_macs_per_cycle : 0);
  pass.macs_per_cycle = latency > 0 ? macs / latency : 0;
  pass.percent_of_roofline = latency > 0 ? 100 * std::max(mac_cycles, dram_cycles) / latency : 0;
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

std::string to_text(const Profile& profile) {
  return fmt::format(
      "Roofline: {} MACs/cycle at most, {} DRAM bytes/cycle, ridge at {} MACs/byte\n\n{}\n{}\n"
      "Stalled, % of the latency of the pass\n\n{}\nStalled, whole network\n\n{}",
      compact(profile.peak_macs_per_cycle), compact(profile.dram_bytes_per_cycle), compact(profile.ridge()),
      roofline_text(profile), passes_table(profile), stalls_table(profile), costs_table(profile));
}

Json profile_json(const Profile& profile) {
  Json passes = Json::array();
  for (const PassProfile& pass : profile.passes) passes.push_back(pass_json(pass));
  Json costs = Json::array();
  for (const StallCost& cost : stall_costs(profile)) {
    costs.push_back({{"unit", cost.unit}, {"cause", cost.cause}, {"cycles", cost.cycles}, {"percent", cost.percent}});
  }
  return {{"peak_macs_per_cycle", profile.peak_macs_per_cycle},
          {"dram_bytes_per_cycle", profile.dram_bytes_per_cycle},
          {"ridge_macs_per_dram_byte", profile.ridge()},
          {"total", pass_json(profile.total)},
          {"stalls", costs},
          {"subgraphs", passes}};
}

}  // namespace lanewise::report
