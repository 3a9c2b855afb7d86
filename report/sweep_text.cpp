// SPDX-License-Identifier: Apache-2.0
// A sweep for people.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/record/csv.hpp"
#include "report/adaptation.hpp"
#include "report/answer.hpp"
#include "report/breakdown.hpp"
#include "report/network_accuracy.hpp"
#include "report/sweep.hpp"
#include "report/sweep_parts.hpp"
#include "report/table.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::report {

using Align = Table::Align;
using nas::Metric;

namespace {

std::string names_of(const std::vector<Metric>& metrics) {
  std::string names;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    names += i == 0 ? "" : i + 1 == metrics.size() ? " and " : ", ";
    names += nas::traits_of(metrics[i]).name;
  }
  return names;
}

bool is_default(const std::vector<Metric>& objectives) { return objectives == study::SweepWishes{}.objectives; }

// What a front is by: "latency, energy and area".
std::string objectives_text(const study::SweepWishes& wishes, const char* by_default) {
  return is_default(wishes.objectives) ? by_default : names_of(wishes.objectives);
}

// "1.204 to 1.391", in milliseconds; "-" without intervals.
std::string interval_text(const study::SweepRow& row) {
  if (!row.reliability || !row.reliability->interval || row.total.latency_cycles <= 0) return "-";
  const double ms_a_cycle = row.total.latency_ms / static_cast<double>(row.total.latency_cycles);
  const study::LatencyInterval& interval = *row.reliability->interval;
  return fmt::format("{} to {}", fixed(ms_a_cycle * static_cast<double>(interval.low_cycles), 3),
                     fixed(ms_a_cycle * static_cast<double>(interval.high_cycles), 3));
}

bool any_warnings(const study::SweepTable& table) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [](const study::SweepRow& row) { return !row.warnings.empty(); });
}

// A metric as people read it in a column of its own.
std::string metric_text(Metric metric, double value) {
  switch (metric) {
    case Metric::kParameters:
    case Metric::kParameterBytes:
    case Metric::kPeakActivationBytes:
    case Metric::kPeakSramBytes:
    case Metric::kDramBytes:
    case Metric::kMacs:
      return grouped(static_cast<std::int64_t>(value));
    default:
      return compact(value);
  }
}

// "kept", or by how much each limit that is missed is missed. An estimate may be on the wrong side of a bound that lies
// within its interval.
std::string limits_text(const study::SweepRow& row, const std::vector<nas::Limit>& limits) {
  std::string missed;
  bool uncertain = false;
  for (std::size_t i = 0; i < row.limits.size(); ++i) {
    const study::LimitCheck& check = row.limits[i];
    uncertain = uncertain || check.uncertain;
    if (check.violation == 0) continue;
    const char* const name = nas::traits_of(limits[i].metric).name;
    const std::string by = check.bound == 0 ? metric_text(limits[i].metric, check.violation)
                                            : fmt::format("{} %", compact(100 * check.violation));
    missed += fmt::format("{}{} {} by {}", missed.empty() ? "" : ", ", name, limits[i].at_most ? "above" : "below", by);
  }
  return (missed.empty() ? "kept" : missed) + (uncertain ? " (uncertain)" : "");
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
  const std::vector<Metric> more = wished(table.wishes);
  for (const Metric metric : more) columns.push_back({nas::traits_of(metric).name, Align::kRight});
  columns.push_back({"bound by", Align::kLeft});
  const bool limited = !table.wishes.limits.empty();
  if (limited) columns.push_back({"limits", Align::kLeft});
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
      cells.insert(cells.end(), (estimated(table) ? 7u : 6u) + more.size(), "-");
      cells.push_back("cannot run: " + row.failure);
      cells.insert(cells.end(), (estimated(table) ? 2u : 1u) + (limited ? 1u : 0u), "");
    } else {
      const study::Totals& t = row.total;
      cells.push_back(fixed(t.latency_ms, 3));
      if (estimated(table)) cells.push_back(interval_text(row));
      cells.insert(cells.end(),
                   {fixed(t.energy_uj, 1), fixed(t.average_power_mw, 1), fixed(t.area_mm2, 3),
                    fixed(t.utilization * 100, 1), fixed(static_cast<double>(t.dram_bytes) / (1024.0 * 1024.0), 2)});
      const nas::Metrics metrics = study::metrics_of(t);
      for (const Metric metric : more) cells.push_back(metric_text(metric, metrics[metric]));
      cells.push_back(t.bound_by);
      if (limited) cells.push_back(limits_text(row, table.wishes.limits));
      cells.emplace_back(row.pareto ? "*" : "");
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
  const std::vector<Metric> more = wished(table.wishes);
  for (const Metric metric : more) columns.push_back({std::string("mean ") + nas::traits_of(metric).name});
  const bool limited = !table.wishes.limits.empty();
  if (limited) columns.push_back({"limits", Align::kLeft});
  columns.push_back({"Pareto", Align::kLeft});
  if (estimated(table)) columns.push_back({"trust", Align::kLeft});
  Table text(columns);
  for (const study::SweepSetRow& row : table.set) {
    std::vector<std::string> cells;
    for (const auto& setting : row.settings) cells.push_back(setting.second);
    if (!row.failure.empty()) {
      cells.insert(cells.end(), 3 + more.size(), "-");
      cells.push_back("cannot run: " + row.failure);
      cells.insert(cells.end(), (estimated(table) ? 1u : 0u) + (limited ? 1u : 0u), "");
    } else {
      cells.insert(cells.end(), {fixed(row.latency_ms, 3), fixed(row.energy_uj, 1), fixed(row.area_mm2, 3)});
      for (const Metric metric : more) cells.push_back(metric_text(metric, row.means[metric]));
      if (limited) cells.emplace_back(row.violation == 0 ? "kept" : "missed");
      cells.emplace_back(row.pareto ? "*" : "");
      if (estimated(table)) cells.emplace_back(row.in_range ? "in range" : "out of range");
    }
    text.add(cells);
  }
  return text.text();
}

// What the rows that miss a limit or are not here come to.
std::string wishes_text(const study::SweepTable& table) {
  std::string out;
  const std::size_t all = table.rows.size() + table.rows_left_out;
  if (!table.wishes.limits.empty()) {
    std::vector<std::string> texts;
    for (const nas::Limit& limit : table.wishes.limits) texts.push_back(limit.text);
    out += fmt::format("limits {}: {} of {} rows miss one\n", fmt::join(texts, ", "), table.rows_missing, all);
    const bool doubtful = std::any_of(table.rows.begin(), table.rows.end(), [](const study::SweepRow& row) {
      return std::any_of(row.limits.begin(), row.limits.end(),
                         [](const study::LimitCheck& check) { return check.uncertain; });
    });
    if (doubtful) out += "uncertain: the bound lies within the interval of the estimate; `--by simulate` decides\n";
  }
  if (table.rows_left_out > 0) out += fmt::format("{} of {} rows are left out by --top\n", table.rows_left_out, all);
  return out;
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

std::string to_text(const study::SweepTable& table) {
  std::string out =
      fmt::format("Engines around {}, {} by lanewise {}\n\n{}\n{}", table.identity.title(table.engine),
                  record::to_string(table.source), table.tool_version, rows_table(table), trust_text(table));
  out += fmt::format("* {}no other engine here {}is better for the network in {} at once\n",
                     table.wishes.limits.empty() ? "" : "keeps the limits, and ",
                     table.wishes.limits.empty() ? "" : "that does ",
                     objectives_text(table.wishes, "latency, energy and area"));
  out += wishes_text(table);
  if (any_warnings(table)) {
    out +=
        "warnings: rules of scale that the engine breaks; `engine show` and --json say which, --scale-with makes keys "
        "follow\n";
  }
  out += free_keys_text(table.free_keys);
  if (table.set.empty()) return out;
  out += "\nOver all networks, geometric means\n\n" + set_table(table);
  return out + fmt::format("\n* {}no other engine here {}is better in mean {} at once\n",
                           table.wishes.limits.empty() ? "" : "keeps the limits with every network, and ",
                           table.wishes.limits.empty() ? "" : "that does ",
                           objectives_text(table.wishes, "latency, mean energy and area"));
}

}  // namespace lanewise::report
