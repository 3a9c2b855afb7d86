// SPDX-License-Identifier: Apache-2.0
#include "report/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/record/csv.hpp"
#include "report/breakdown.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {

using Align = Table::Align;

std::string to_json(const study::SweepTable& table) {
  Json rows = Json::array();
  for (const study::SweepRow& row : table.rows) {
    Json settings = Json::object();
    for (const auto& [key, value] : row.settings) settings[key] = value;
    Json json = {{"network", row.network}, {"settings", settings}};
    for (const auto& [key, value] : row.followers) json["followers"][key] = value;
    if (!row.failure.empty()) {
      json["failure"] = row.failure;
    } else {
      const study::Totals& t = row.total;
      json.update({{"latency_cycles", t.latency_cycles},
                   {"latency_ms", t.latency_ms},
                   {"inferences_per_second", t.inferences_per_second},
                   {"energy_uj", t.energy_uj},
                   {"average_power_mw", t.average_power_mw},
                   {"area_mm2", t.area_mm2},
                   {"utilization", t.utilization},
                   {"dram_bytes", t.dram_bytes},
                   {"peak_sram_bytes", t.peak_sram_bytes},
                   {"bound_by", t.bound_by},
                   {"pareto", row.pareto}});
    }
    json["warnings"] = row.warnings;
    rows.push_back(json);
  }
  return dump({{"engine", table.engine},
               {"source", record::to_string(table.source)},
               {"tool_version", table.tool_version},
               {"free_keys", table.free_keys},
               {"rows", rows}});
}

std::string to_text(const study::SweepTable& table) {
  std::vector<Table::Column> columns = {{"network", Align::kLeft}};
  if (!table.rows.empty()) {
    for (const auto& setting : table.rows.front().settings) columns.push_back({setting.first, Align::kRight});
    for (const auto& follower : table.rows.front().followers) columns.push_back({follower.first, Align::kRight});
  }
  for (const char* header : {"latency ms", "energy uJ", "power mW", "area mm2", "array %", "DRAM MiB"}) {
    columns.push_back({header, Align::kRight});
  }
  columns.push_back({"bound by", Align::kLeft});
  columns.push_back({"Pareto", Align::kLeft});
  const bool lopsided = std::any_of(table.rows.begin(), table.rows.end(),
                                    [](const study::SweepRow& row) { return !row.warnings.empty(); });
  if (lopsided) columns.push_back({"warnings", Align::kRight});
  Table text(columns);
  for (const study::SweepRow& row : table.rows) {
    std::vector<std::string> cells = {row.network};
    for (const auto& setting : row.settings) cells.push_back(setting.second);
    for (const auto& follower : row.followers) cells.push_back(follower.second);
    if (!row.failure.empty()) {
      cells.insert(cells.end(), 6, "-");
      cells.push_back("cannot run: " + row.failure);
      cells.emplace_back();
    } else {
      const study::Totals& t = row.total;
      cells.insert(cells.end(),
                   {fixed(t.latency_ms, 3), fixed(t.energy_uj, 1), fixed(t.average_power_mw, 1), fixed(t.area_mm2, 3),
                    fixed(t.utilization * 100, 1), fixed(static_cast<double>(t.dram_bytes) / (1024.0 * 1024.0), 2),
                    t.bound_by, row.pareto ? "*" : ""});
    }
    if (lopsided) cells.push_back(row.warnings.empty() ? "" : fmt::format("{}", row.warnings.size()));
    text.add(cells);
  }
  return fmt::format(
      "Engines around {}, {} by lanewise {}\n\n{}\n* no other engine here is better for the network in "
      "latency, energy and area at once\n{}{}",
      table.engine, record::to_string(table.source), table.tool_version, text.text(),
      lopsided
          ? "warnings: rules of scale that the engine breaks; `engine show` and --json say which, --scale-with makes "
            "keys follow\n"
          : "");
}

std::string to_csv(const study::SweepTable& table) {
  std::vector<std::string> header = {"network", "engine", "source"};
  if (!table.rows.empty()) {
    for (const auto& setting : table.rows.front().settings) header.push_back(setting.first);
    for (const auto& follower : table.rows.front().followers) header.push_back(follower.first);
  }
  header.insert(header.end(),
                {"latency_cycles", "latency_ms", "inferences_per_second", "energy_uj", "average_power_mw", "area_mm2",
                 "utilization", "dram_bytes", "peak_sram_bytes", "bound_by", "pareto", "failure", "warnings"});
  std::string out = record::csv_line(header);
  for (const study::SweepRow& row : table.rows) {
    std::vector<std::string> cells = {row.network, table.engine, record::to_string(table.source)};
    for (const auto& setting : row.settings) cells.push_back(setting.second);
    for (const auto& follower : row.followers) cells.push_back(follower.second);
    if (!row.failure.empty()) {
      cells.insert(cells.end(), 11, "");
    } else {
      const study::Totals& t = row.total;
      cells.insert(cells.end(), {fmt::format("{}", t.latency_cycles), record::csv_number(t.latency_ms),
                                 record::csv_number(t.inferences_per_second), record::csv_number(t.energy_uj),
                                 record::csv_number(t.average_power_mw), record::csv_number(t.area_mm2),
                                 record::csv_number(t.utilization), fmt::format("{}", t.dram_bytes),
                                 fmt::format("{}", t.peak_sram_bytes), t.bound_by, row.pareto ? "1" : "0"});
    }
    cells.push_back(row.failure);
    cells.push_back(fmt::format("{}", row.warnings.size()));
    out += record::csv_line(cells);
  }
  return out;
}

}  // namespace lanewise::report
