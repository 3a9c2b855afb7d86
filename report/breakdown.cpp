// SPDX-License-Identifier: Apache-2.0
#include "report/breakdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

constexpr std::size_t kUnitsOfAll = 7;  // parts of area and energy that every engine has

// Named as the units of the energy, but for the interface, which is all of DRAM that lies on the chip.
std::vector<std::pair<const char*, double>> area_parts(const engine::AreaBreakdown& area) {
  std::vector<std::pair<const char*, double>> parts = {{"dot_product_array", area.array.count()},
                                                       {"activation_memory", area.activation_memory.count()},
                                                       {"weight_memory", area.weight_memory.count()},
                                                       {"accumulators", area.accumulators.count()},
                                                       {"post_processor", area.post_processor.count()},
                                                       {"dram_interface", area.dram_interface.count()},
                                                       {"fixed", area.fixed.count()}};
  if (area.weight_select.count() > 0) parts.emplace_back("weight_select", area.weight_select.count());
  if (area.weight_decoder.count() > 0) parts.emplace_back("weight_decoder", area.weight_decoder.count());
  return parts;
}

std::string share(double part, double whole) { return whole > 0 ? fixed(100 * part / whole, 1) : "-"; }
std::string amount(double value, int digits) { return value > 0 ? fixed(value, digits) : "-"; }

std::string action_table(const study::EnergyShares& energy, double total_uj) {
  Table table({{"energy by action", Align::kLeft}, {"uJ"}, {"share %"}});
  for (const record::EnergyPart& part : energy.by_action) {
    const double uj = part.energy.count() / 1e6;
    if (uj > 0) table.add({part.name, fixed(uj, 2), share(uj, total_uj)});
  }
  return table.text();
}

// The area alone where the energy has no parts.
std::string unit_table(const study::Totals& total) {
  const bool simulated = total.energy_breakdown.has_value();
  std::vector<Table::Column> columns = {{"by unit", Align::kLeft}};
  if (simulated) columns.insert(columns.end(), {{"energy uJ"}, {"share %"}});
  columns.insert(columns.end(), {{"area mm2"}, {"share %"}});
  Table table(columns);
  // What an engine may lack comes behind what all have, and may have energy without area or area without energy.
  std::vector<std::pair<const char*, double>> areas = area_parts(total.area_breakdown);
  const auto lacks = [&](const char* name) {
    return std::none_of(areas.begin(), areas.end(), [&](const auto& area) { return std::string(area.first) == name; });
  };
  const auto energy_of = [&](std::size_t place, const char* name) {
    const std::vector<record::EnergyPart>& units = total.energy_breakdown->by_unit;
    const auto found = place < kUnitsOfAll ? units.begin() + static_cast<std::ptrdiff_t>(place)
                                           : std::find_if(units.begin(), units.end(), [&](const auto& unit) {
                                               return std::string(unit.name) == name;
                                             });
    return found == units.end() ? record::EnergyPart{name, Picojoules(0)} : *found;
  };
  for (std::size_t i = kUnitsOfAll; simulated && i < total.energy_breakdown->by_unit.size(); ++i) {
    const char* const name = total.energy_breakdown->by_unit[i].name;
    if (lacks(name)) areas.emplace_back(name, 0.0);
  }
  for (std::size_t i = 0; i < areas.size(); ++i) {
    const double mm2 = areas[i].second;
    const record::EnergyPart unit = simulated ? energy_of(i, areas[i].first) : record::EnergyPart{areas[i].first};
    const double uj = unit.energy.count() / 1e6;
    if (uj <= 0 && mm2 <= 0) continue;
    std::vector<std::string> cells = {unit.name};
    if (simulated) cells.insert(cells.end(), {amount(uj, 2), uj > 0 ? share(uj, total.energy_uj) : "-"});
    cells.insert(cells.end(), {amount(mm2, 3), mm2 > 0 ? share(mm2, total.area_mm2) : "-"});
    table.add(cells);
  }
  return table.text();
}

}  // namespace

std::string breakdown_text(const study::Totals& total) {
  const std::string by_action = total.energy_breakdown
                                    ? action_table(*total.energy_breakdown, total.energy_uj)
                                    : "no energy by action: an estimator predicts the sum; simulate shows its parts\n";
  return by_action + '\n' + unit_table(total);
}

std::string area_text(const engine::AreaBreakdown& area) {
  auto parts = area_parts(area);
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> texts;
  for (const auto& [name, mm2] : parts) {
    if (mm2 > 0)
      texts.push_back(fmt::format("{} {} mm2 ({} %)", name, fixed(mm2, 3), share(mm2, area.total().count())));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string free_keys_text(const std::vector<std::string>& keys) {
  if (keys.empty()) return "";
  std::string list = keys.front();
  for (std::size_t i = 1; i < keys.size(); ++i) list += (i + 1 < keys.size() ? ", " : " and ") + keys[i];
  return fmt::format("{} {} neither area nor energy in this model\n", list, keys.size() == 1 ? "costs" : "cost");
}

Json energy_parts_json(const std::vector<record::EnergyPart>& parts) {
  Json out = Json::object();
  for (const record::EnergyPart& part : parts) out[part.name] = part.energy.count() / 1e6;
  return out;
}

Json energy_json(const std::optional<study::EnergyShares>& energy) {
  if (!energy) return nullptr;
  return {{"by_action", energy_parts_json(energy->by_action)}, {"by_unit", energy_parts_json(energy->by_unit)}};
}

Json area_json(const engine::AreaBreakdown& area) {
  Json out = Json::object();
  for (const auto& [name, mm2] : area_parts(area)) out[name] = mm2;
  return out;
}

}  // namespace lanewise::report
