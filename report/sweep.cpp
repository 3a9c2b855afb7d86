// SPDX-License-Identifier: Apache-2.0
#include "report/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/record/csv.hpp"
#include "report/adaptation.hpp"
#include "report/answer.hpp"
#include "report/json.hpp"
#include "report/network_accuracy.hpp"
#include "report/sweep_parts.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::report {

using nas::Metric;

namespace {

// Metrics that rows always show.
bool is_always_shown(Metric metric) {
  for (const Metric shown :
       {Metric::kLatency, Metric::kEnergy, Metric::kAveragePower, Metric::kArea, Metric::kDramBytes}) {
    if (metric == shown) return true;
  }
  return false;
}

}  // namespace

std::vector<Metric> wished(const study::SweepWishes& wishes) {
  std::vector<Metric> metrics;
  const auto add = [&](Metric metric) {
    if (is_always_shown(metric) || std::find(metrics.begin(), metrics.end(), metric) != metrics.end()) return;
    metrics.push_back(metric);
  };
  for (const Metric metric : wishes.objectives) add(metric);
  for (const nas::Limit& limit : wishes.limits) add(limit.metric);
  if (wishes.order) add(wishes.order->metric);
  return metrics;
}

bool estimated(const study::SweepTable& table) { return table.source == record::Source::kEstimated; }

std::vector<std::string> setting_names(const study::SweepTable& table) {
  std::vector<std::string> names;
  if (table.rows.empty()) return names;
  for (const auto& setting : table.rows.front().settings) names.push_back(setting.first);
  return names;
}

namespace {

Json settings_json(const std::vector<std::pair<std::string, std::string>>& settings) {
  Json out = Json::object();
  for (const auto& [key, value] : settings) out[key] = value;
  return out;
}

Json limits_json(const std::vector<study::LimitCheck>& checks, const std::vector<nas::Limit>& limits) {
  Json out = Json::array();
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const study::LimitCheck& check = checks[i];
    out.push_back({{"limit", limits[i].text},
                   {"metric", nas::traits_of(limits[i].metric).name},
                   {"bound", check.bound},
                   {"value", check.value},
                   {"met", check.violation == 0},
                   {"violation", check.violation},
                   {"uncertain", check.uncertain}});
  }
  return out;
}

Json row_json(const study::SweepRow& row, const study::SweepWishes& wishes) {
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
  const nas::Metrics metrics = study::metrics_of(t);
  for (const nas::MetricTraits& traits : nas::metrics()) {
    const char* const name = traits.name;
    if (json.contains(name) || traits.metric == Metric::kAccuracy) continue;
    json[name] = traits.metric == Metric::kEnergyDelayProduct ? Json(metrics[traits.metric])
                                                              : Json(static_cast<std::int64_t>(metrics[traits.metric]));
  }
  if (!wishes.limits.empty()) {
    json["limits_met"] = row.violation() == 0;
    json["violation"] = row.violation();
    json["limits"] = limits_json(row.limits, wishes.limits);
  }
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

Json set_json(const study::SweepTable& table, bool estimated) {
  Json rows = Json::array();
  for (const study::SweepSetRow& row : table.set) {
    Json json = {{"settings", settings_json(row.settings)}};
    if (!row.failure.empty()) {
      json["failure"] = row.failure;
    } else {
      json.update({{"mean_latency_ms", row.latency_ms},
                   {"mean_energy_uj", row.energy_uj},
                   {"area_mm2", row.area_mm2},
                   {"pareto", row.pareto}});
      for (const Metric metric : wished(table.wishes)) {
        json[std::string("mean_") + nas::traits_of(metric).name] = row.means[metric];
      }
      if (!table.wishes.limits.empty()) {
        json["limits_met"] = row.violation == 0;
        json["violation"] = row.violation;
      }
      if (estimated) json["in_range"] = row.in_range;
    }
    rows.push_back(json);
  }
  return rows;
}

// What was asked of the rows, and how many of them are not here.
void add_wishes(Json& out, const study::SweepTable& table) {
  const study::SweepWishes& wishes = table.wishes;
  out["objectives"] = Json::array();
  for (const Metric metric : wishes.objectives) out["objectives"].push_back(nas::traits_of(metric).name);
  if (!wishes.limits.empty()) {
    out["limits"] = Json::array();
    for (const nas::Limit& limit : wishes.limits) out["limits"].push_back(limit.text);
    out["rows_missing_limits"] = table.rows_missing;
  }
  if (wishes.order) {
    out["sort"] = {{"metric", nas::traits_of(wishes.order->metric).name}, {"descending", wishes.order->descending}};
  }
  if (wishes.top) {
    out["top"] = *wishes.top;
    out["rows_left_out"] = table.rows_left_out;
  }
}

bool any_fallback(const study::SweepTable& table) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [](const study::SweepRow& row) { return row.fallback.has_value(); });
}

// The engine over all networks; nullptr where --top left it out.
const study::SweepSetRow* set_row_of(const study::SweepTable& table, const study::SweepRow& row) {
  const auto found = std::find_if(table.set.begin(), table.set.end(),
                                  [&](const study::SweepSetRow& set) { return set.point == row.point; });
  return found == table.set.end() ? nullptr : &*found;
}

void add_limit_cells(const study::SweepRow& row, const std::vector<nas::Limit>& limits,
                     std::vector<std::string>& cells) {
  if (!row.failure.empty()) {
    cells.insert(cells.end(), 4, "");
    return;
  }
  std::vector<std::string> missed, uncertain;
  for (std::size_t i = 0; i < row.limits.size(); ++i) {
    if (row.limits[i].violation > 0) missed.push_back(limits[i].text);
    if (row.limits[i].uncertain) uncertain.push_back(limits[i].text);
  }
  cells.insert(cells.end(),
               {missed.empty() ? "1" : "0", record::csv_number(row.violation()),
                fmt::format("{}", fmt::join(missed, "; ")), fmt::format("{}", fmt::join(uncertain, "; "))});
}

}  // namespace

std::string to_json(const study::SweepTable& table) {
  Json rows = Json::array();
  for (const study::SweepRow& row : table.rows) rows.push_back(row_json(row, table.wishes));
  Json out = {{"engine", table.engine}};
  add_identity(out, table.identity);
  out.update({{"source", record::to_string(table.source)},
              {"tool_version", table.tool_version},
              {"free_keys", table.free_keys}});
  add_wishes(out, table);
  add_estimator(out, table.estimator, table.held_out_accuracy);
  for (const auto& [network, like] : table.networks_like) out["networks_like_this"][network] = networks_like_json(like);
  if (table.adapted) out["adapted"] = to_text(*table.adapted);
  out["rows"] = rows;
  if (!table.set.empty()) {
    out["over_networks"] = {{"mean", "geometric"}, {"rows", set_json(table, estimated(table))}};
  }
  return dump(out);
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
  std::vector<Metric> more = wished(table.wishes);
  more.erase(std::remove(more.begin(), more.end(), Metric::kPeakSramBytes), more.end());  // has its column
  for (const Metric metric : more) header.emplace_back(nas::traits_of(metric).name);
  const bool limited = !table.wishes.limits.empty();
  if (limited) header.insert(header.end(), {"limits_met", "violation", "missed_limits", "uncertain_limits"});
  header.insert(header.end(), {"engine_overrides", "engine_hash"});
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
      const study::SweepSetRow* const set = set_row_of(table, row);
      const bool runs = set != nullptr && set->failure.empty();
      cells.push_back(runs ? record::csv_number(set->latency_ms) : "");
      cells.push_back(runs ? record::csv_number(set->energy_uj) : "");
      cells.emplace_back(!runs ? "" : set->pareto ? "1" : "0");
    }
    const nas::Metrics metrics = study::metrics_of(row.total);
    for (const Metric metric : more) cells.push_back(row.failure.empty() ? record::csv_number(metrics[metric]) : "");
    if (limited) add_limit_cells(row, table.wishes.limits, cells);
    cells.push_back(table.identity.overrides_text());
    cells.push_back(row.engine_hash);
    out += record::csv_line(cells);
  }
  return out;
}

}  // namespace lanewise::report
