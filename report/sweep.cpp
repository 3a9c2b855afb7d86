// SPDX-License-Identifier: Apache-2.0
#include "report/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/record/csv.hpp"
#include "report/adaptation.hpp"
#include "report/answer.hpp"
#include "report/breakdown.hpp"
#include "report/json.hpp"
#include "report/network_accuracy.hpp"
#include "report/table.hpp"

namespace lanewise::report {

using Align = Table::Align;

namespace {

Json settings_json(const std::vector<std::pair<std::string, std::string>>& settings) {
  Json out = Json::object();
  for (const auto& [key, value] : settings) out[key] = value;
  return out;
}

Json row_json(const study::SweepRow& row) {
  Json json = {{"network", row.network}, {"settings", settings_json(row.settings)}, {"engine_hash", row.engine_hash}};
  for (const auto& [key, value] : row.followers) json["followers"][key] = value;
  json["warnings"] = row.warnings;
  if (!row.failure.empty()) {
    json["failure"] = row.failure;
    return json;
  }
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
  if (row.reliability) {
    json["interval"] = interval_json(row.reliability->interval);
    json["in_range"] = row.reliability->in_range;
    json["out_of_range"] = row.reliability->out_of_range;
  }
  if (row.fallback) {
    json["fallback"] = {{"subgraphs", row.fallback->subgraphs},
                        {"of_subgraphs", row.subgraphs},
                        {"latency_share_percent", row.fallback->latency_share_percent}};
  }
  return json;
}

Json set_json(const std::vector<study::SweepSetRow>& set, bool estimated) {
  Json rows = Json::array();
  for (const study::SweepSetRow& row : set) {
    Json json = {{"settings", settings_json(row.settings)}};
    if (!row.failure.empty()) {
      json["failure"] = row.failure;
    } else {
      json.update({{"mean_latency_ms", row.latency_ms},
                   {"mean_energy_uj", row.energy_uj},
                   {"area_mm2", row.area_mm2},
                   {"pareto", row.pareto}});
      if (estimated) json["in_range"] = row.in_range;
    }
    rows.push_back(json);
  }
  return rows;
}

bool estimated(const study::SweepTable& table) { return table.source == record::Source::kEstimated; }

bool any_fallback(const study::SweepTable& table) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [](const study::SweepRow& row) { return row.fallback.has_value(); });
}

// "1.204 to 1.391", in milliseconds; "-" without intervals.
std::string interval_text(const study::SweepRow& row) {
  if (!row.reliability || !row.reliability->interval || row.total.latency_cycles <= 0) return "-";
  const double ms_a_cycle = row.total.latency_ms / static_cast<double>(row.total.latency_cycles);
  const study::LatencyInterval& interval = *row.reliability->interval;
  return fmt::format("{} to {}", fixed(ms_a_cycle * static_cast<double>(interval.low_cycles), 3),
                     fixed(ms_a_cycle * static_cast<double>(interval.high_cycles), 3));
}

std::vector<std::string> setting_names(const study::SweepTable& table) {
  std::vector<std::string> names;
  if (table.rows.empty()) return names;
  for (const auto& setting : table.rows.front().settings) names.push_back(setting.first);
  return names;
}

bool any_warnings(const study::SweepTable& table) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [](const study::SweepRow& row) { return !row.warnings.empty(); });
}

std::string rows_table(const study::SweepTable& table) {
  std::vector<Table::Column> columns = {{"network", Align::kLeft}};
  for (const std::string& name : setting_names(table)) columns.push_back({name, Align::kRight});
  if (!table.rows.empty()) {
    for (const auto& follower : table.rows.front().followers) columns.push_back({follower.first, Align::kRight});
  }
  columns.push_back({"latency ms", Align::kRight});
  if (estimated(table)) columns.push_back({"interval ms", Align::kRight});
  for (const char* header : {"energy uJ", "power mW", "area mm2", "array %", "DRAM MiB"})
    columns.push_back({header, Align::kRight});
  columns.push_back({"bound by", Align::kLeft});
  columns.push_back({"Pareto", Align::kLeft});
  if (estimated(table)) columns.push_back({"trust", Align::kLeft});
  const bool lopsided = any_warnings(table);
  if (lopsided) columns.push_back({"warnings", Align::kRight});
  Table text(columns);
  for (const study::SweepRow& row : table.rows) {
    std::vector<std::string> cells = {row.network};
    for (const auto& setting : row.settings) cells.push_back(setting.second);
    for (const auto& follower : row.followers) cells.push_back(follower.second);
    if (!row.failure.empty()) {
      cells.insert(cells.end(), estimated(table) ? 7 : 6, "-");
      cells.push_back("cannot run: " + row.failure);
      cells.insert(cells.end(), estimated(table) ? 2 : 1, "");
    } else {
      const study::Totals& t = row.total;
      cells.push_back(fixed(t.latency_ms, 3));
      if (estimated(table)) cells.push_back(interval_text(row));
      cells.insert(
          cells.end(),
          {fixed(t.energy_uj, 1), fixed(t.average_power_mw, 1), fixed(t.area_mm2, 3), fixed(t.utilization * 100, 1),
           fixed(static_cast<double>(t.dram_bytes) / (1024.0 * 1024.0), 2), t.bound_by, row.pareto ? "*" : ""});
      if (estimated(table)) {
        std::string trust = row.reliability && !row.reliability->in_range ? "out of range" : "in range";
        if (row.fallback) {
          trust += fmt::format(", {} of {} subgraphs simulated, {} % of the latency", grouped(row.fallback->subgraphs),
                               grouped(row.subgraphs), fixed(row.fallback->latency_share_percent, 1));
        }
        cells.push_back(trust);
      }
    }
    if (lopsided) cells.push_back(row.warnings.empty() ? "" : fmt::format("{}", row.warnings.size()));
    text.add(cells);
  }
  return text.text();
}

std::string set_table(const study::SweepTable& table) {
  std::vector<Table::Column> columns;
  for (const std::string& name : setting_names(table)) columns.push_back({name, Align::kRight});
  for (const char* header : {"mean latency ms", "mean energy uJ", "area mm2"}) columns.push_back({header});
  columns.push_back({"Pareto", Align::kLeft});
  if (estimated(table)) columns.push_back({"trust", Align::kLeft});
  Table text(columns);
  for (const study::SweepSetRow& row : table.set) {
    std::vector<std::string> cells;
    for (const auto& setting : row.settings) cells.push_back(setting.second);
    if (!row.failure.empty()) {
      cells.insert(cells.end(), 3, "-");
      cells.push_back("cannot run: " + row.failure);
      if (estimated(table)) cells.emplace_back();
    } else {
      cells.insert(cells.end(),
                   {fixed(row.latency_ms, 3), fixed(row.energy_uj, 1), fixed(row.area_mm2, 3), row.pareto ? "*" : ""});
      if (estimated(table)) cells.emplace_back(row.in_range ? "in range" : "out of range");
    }
    text.add(cells);
  }
  return text.text();
}

// What is known of an estimated table's error, line by line.
std::string trust_text(const study::SweepTable& table) {
  if (!estimated(table)) return "";
  std::string out;
  for (const auto& [network, like] : table.networks_like) {
    out += fmt::format("error of {}: {}\n", network, to_text(like));
  }
  if (table.networks_like.empty() && (table.estimator || table.held_out_accuracy)) {
    const std::string error = error_text(table.estimator.value_or(study::EstimatorNote{}), table.held_out_accuracy);
    if (!error.empty()) out += "error: " + error + "\n";
  }
  if (table.adapted) out += "adapted: " + to_text(*table.adapted) + "\n";
  for (const study::SweepRow& row : table.rows) {
    if (!row.reliability || !row.reliability->interval) continue;
    out += fmt::format("interval: holds the simulated latency with {} % probability\n",
                       record::csv_number(100 * row.reliability->interval->level));
    break;
  }
  std::set<std::string> outside;
  for (const study::SweepRow& row : table.rows) {
    if (row.reliability) outside.insert(row.reliability->out_of_range.begin(), row.reliability->out_of_range.end());
  }
  constexpr std::size_t kShown = 12;
  std::size_t shown = 0;
  for (const std::string& text : outside) {
    if (++shown > kShown) {
      out += fmt::format("out of range: {} more; --json lists them row by row\n", outside.size() - kShown);
      break;
    }
    out += "out of range: trained on less: " + text + "\n";
  }
  return out;
}

}  // namespace

std::string to_json(const study::SweepTable& table) {
  Json rows = Json::array();
  for (const study::SweepRow& row : table.rows) rows.push_back(row_json(row));
  Json out = {{"engine", table.engine}};
  add_identity(out, table.identity);
  out.update({{"source", record::to_string(table.source)},
              {"tool_version", table.tool_version},
              {"free_keys", table.free_keys}});
  add_estimator(out, table.estimator, table.held_out_accuracy);
  for (const auto& [network, like] : table.networks_like) out["networks_like_this"][network] = networks_like_json(like);
  if (table.adapted) out["adapted"] = to_text(*table.adapted);
  out["rows"] = rows;
  if (!table.set.empty()) {
    out["over_networks"] = {{"mean", "geometric"}, {"rows", set_json(table.set, estimated(table))}};
  }
  return dump(out);
}

std::string to_text(const study::SweepTable& table) {
  std::string out =
      fmt::format("Engines around {}, {} by lanewise {}\n\n{}\n{}", table.identity.title(table.engine),
                  record::to_string(table.source), table.tool_version, rows_table(table), trust_text(table));
  out += "* no other engine here is better for the network in latency, energy and area at once\n";
  if (any_warnings(table)) {
    out +=
        "warnings: rules of scale that the engine breaks; `engine show` and --json say which, --scale-with makes keys "
        "follow\n";
  }
  out += free_keys_text(table.free_keys);
  if (table.set.empty()) return out;
  return out + "\nOver all networks, geometric means\n\n" + set_table(table) +
         "\n* no other engine here is better in mean latency, mean energy and area at once\n";
}

std::string to_csv(const study::SweepTable& table) {
  const bool with_trust = estimated(table), with_fallback = any_fallback(table), with_set = !table.set.empty();
  std::vector<std::string> header = {"network", "engine", "source"};
  for (const std::string& name : setting_names(table)) header.push_back(name);
  if (!table.rows.empty()) {
    for (const auto& follower : table.rows.front().followers) header.push_back(follower.first);
  }
  header.insert(header.end(),
                {"latency_cycles", "latency_ms", "inferences_per_second", "energy_uj", "average_power_mw", "area_mm2",
                 "utilization", "dram_bytes", "peak_sram_bytes", "bound_by", "pareto", "failure", "warnings"});
  if (with_trust) {
    header.insert(header.end(), {"interval_level", "latency_low_cycles", "latency_high_cycles", "in_range",
                                 "out_of_range", "estimator_family", "other_family"});
  }
  if (with_fallback) header.insert(header.end(), {"simulated_subgraphs", "simulated_latency_share_percent"});
  if (with_set) header.insert(header.end(), {"mean_latency_ms", "mean_energy_uj", "pareto_over_networks"});
  header.insert(header.end(), {"engine_overrides", "engine_hash"});
  std::string out = record::csv_line(header);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const study::SweepRow& row = table.rows[i];
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
    if (with_trust) {
      const bool known = row.reliability.has_value(), interval = known && row.reliability->interval.has_value();
      cells.push_back(interval ? record::csv_number(row.reliability->interval->level) : "");
      cells.push_back(interval ? fmt::format("{}", row.reliability->interval->low_cycles) : "");
      cells.push_back(interval ? fmt::format("{}", row.reliability->interval->high_cycles) : "");
      cells.emplace_back(!known ? "" : row.reliability->in_range ? "1" : "0");
      cells.push_back(known ? fmt::format("{}", fmt::join(row.reliability->out_of_range, "; ")) : "");
      cells.push_back(table.estimator ? table.estimator->family : "");
      cells.emplace_back(table.estimator && table.estimator->other_family ? "1" : "0");
    }
    if (with_fallback) {
      cells.push_back(row.fallback ? fmt::format("{}", row.fallback->subgraphs) : "");
      cells.push_back(row.fallback ? record::csv_number(row.fallback->latency_share_percent) : "");
    }
    if (with_set) {
      const study::SweepSetRow& set = table.set[i % table.set.size()];
      const bool runs = set.failure.empty();
      cells.push_back(runs ? record::csv_number(set.latency_ms) : "");
      cells.push_back(runs ? record::csv_number(set.energy_uj) : "");
      cells.emplace_back(!runs ? "" : set.pareto ? "1" : "0");
    }
    cells.push_back(table.identity.overrides_text());
    cells.push_back(row.engine_hash);
    out += record::csv_line(cells);
  }
  return out;
}

}  // namespace lanewise::report
