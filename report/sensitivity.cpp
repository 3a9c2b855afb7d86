// SPDX-License-Identifier: Apache-2.0
#include "report/sensitivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;
using study::Sensitivity;
using study::SensitivityRow;

// The lists with the names that JSON and CSV give them.
struct NamedList {
  const char* name;
  const std::vector<SensitivityRow> Sensitivity::*rows;
};
constexpr NamedList kLists[] = {{"changes", &Sensitivity::changes},
                                {"groups", &Sensitivity::groups},
                                {"alternatives", &Sensitivity::alternatives},
                                {"reductions", &Sensitivity::reductions},
                                {"costs", &Sensitivity::costs}};

std::string keys_text(const SensitivityRow& row) {
  std::string text;
  for (const study::ChangedKey& key : row.keys) {
    text += fmt::format("{}{} {} -> {}", text.empty() ? "" : ", ", key.key, key.before, key.after);
  }
  return text;
}

std::string signed_text(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  const double rounded = std::round(value * scale) / scale;
  return fmt::format("{}{}", rounded > 0 ? "+" : "", fixed(rounded == 0 ? 0 : rounded, digits));
}

// What does not move a figure that the table shows is counted, not listed. The keys of a group stand last: they are
// long.
std::string rows_table(const Sensitivity& s, const std::vector<SensitivityRow>& rows, bool groups) {
  std::vector<Table::Column> columns = {
      {groups ? "group" : "change", Align::kLeft}, {"latency ms"}, {"gain %"}, {"energy %"}, {"area mm2"}};
  if (groups) columns.push_back({"change", Align::kLeft});
  Table table(columns);
  std::size_t hidden = 0, failed = 0;
  for (const SensitivityRow& row : rows) {
    if (!row.failure.empty()) {
      ++failed;
      continue;
    }
    if (row.gain_percent == 0) {
      ++hidden;
      continue;
    }
    std::vector<std::string> cells = {groups ? row.group : keys_text(row), fixed(row.after.latency_ms, 3),
                                      signed_text(row.gain_percent, 1),
                                      signed_text(percent_change(s.before.energy_uj, row.after.energy_uj), 1),
                                      signed_text(row.after.area_mm2 - s.before.area_mm2, 3)};
    if (groups) cells.push_back(keys_text(row));
    table.add(cells);
  }
  std::string text = hidden + failed < rows.size() ? table.text() : "";
  if (hidden > 0) text += fmt::format("{} more of {} move the latency by less than 0.05 %\n", hidden, rows.size());
  if (failed > 0) text += fmt::format("{} of {} leave an engine that cannot run the network\n", failed, rows.size());
  return text;
}

// An area that does not move is one that no key of area.* counts, which is not to say that it costs nothing.
std::string cost_text(const Sensitivity& s, const SensitivityRow& row) {
  const std::string area =
      row.after.area_mm2 == s.before.area_mm2
          ? "area +0 mm2 (none modelled)"
          : fmt::format("area {} mm2 ({} %)", signed_text(row.after.area_mm2 - s.before.area_mm2, 3),
                        signed_text(percent_change(s.before.area_mm2, row.after.area_mm2), 1));
  return fmt::format("{} ms instead of {} ({} %), {}, energy {} %", fixed(row.after.latency_ms, 3),
                     fixed(s.before.latency_ms, 3), signed_text(-row.gain_percent, 1), area,
                     signed_text(percent_change(s.before.energy_uj, row.after.energy_uj), 1));
}

std::string untried_text(const Sensitivity& s) {
  std::string text;
  if (s.costs_tried > 0) {
    text += fmt::format("Left out: {} changes of energy.* and area.*, which cost but time nothing", s.costs_tried);
    text += s.costs.empty() ? "\n" : fmt::format("; {} of them move the latency, by other plans\n", s.costs.size());
  }
  if (!s.left_out.empty()) {
    text += fmt::format(
        "Left out: {} at a limit of their range, without a double, or not read by this kind of engine "
        "(--json lists them)\n",
        s.left_out.size());
  }
  if (!s.refused.empty()) text += fmt::format("Refused, {}:\n", s.refused.size());
  for (const study::Untried& refusal : s.refused) {
    text += refusal.value.empty() ? fmt::format("  {}: {}\n", refusal.key, refusal.reason)
                                  : fmt::format("  {}\n", refusal.reason);
  }
  return text;
}

// The first of a list that saves time, on a line of its own.
std::string also(const Sensitivity& s, const std::vector<SensitivityRow>& rows, const char* what) {
  if (rows.empty() || !rows.front().failure.empty() || rows.front().gain_percent <= 0) return "";
  const SensitivityRow& row = rows.front();
  const bool several = !row.group.empty() && row.keys.size() > 1;
  return fmt::format("   {}: {}{}: {}\n", what, several ? row.group + ", " : "", keys_text(row), cost_text(s, row));
}

std::string closing(const Sensitivity& s) {
  const std::vector<const SensitivityRow*> best = s.best();
  std::string text =
      best.empty()
          ? "No single key made larger or faster would help by 0.05 % or more\n"
          : fmt::format("The {} that would help most\n",
                        best.size() == 1 ? "change" : fmt::format("{} changes", best.size() == 2 ? "two" : "three"));
  for (std::size_t i = 0; i < best.size(); ++i) {
    text += fmt::format("{}. {}: {}\n", i + 1, keys_text(*best[i]), cost_text(s, *best[i]));
  }
  text += also(s, s.groups, "Several units at once");
  text += also(s, s.alternatives, "Another choice");
  text += also(s, s.reductions, "Less of something");
  return text;
}

Json price_json(const study::Price& price) {
  return {{"latency_cycles", price.latency_cycles},
          {"latency_ms", price.latency_ms},
          {"energy_uj", price.energy_uj},
          {"area_mm2", price.area_mm2}};
}

Json row_json(const Sensitivity& s, const SensitivityRow& row) {
  Json keys = Json::object();
  for (const study::ChangedKey& key : row.keys) keys[key.key] = {{"before", key.before}, {"after", key.after}};
  Json out = {{"name", row.group.empty() ? row.keys.front().key : row.group}, {"keys", keys}};
  if (!row.failure.empty()) {
    out["failure"] = row.failure;
    return out;
  }
  out["after"] = price_json(row.after);
  out["latency_gain_percent"] = row.gain_percent;
  out["energy_change_percent"] = percent_change(s.before.energy_uj, row.after.energy_uj);
  out["area_change_mm2"] = row.after.area_mm2 - s.before.area_mm2;
  return out;
}

Json untried_json(const std::vector<study::Untried>& untried) {
  Json out = Json::array();
  for (const study::Untried& one : untried) {
    Json json = {{"key", one.key}, {"reason", one.reason}};
    if (!one.value.empty()) json["value"] = one.value;
    out.push_back(json);
  }
  return out;
}

}  // namespace

Json sensitivity_json(const Sensitivity& s) {
  Json out = {{"before", price_json(s.before)}};
  for (const NamedList& list : kLists) {
    out[list.name] = Json::array();
    for (const SensitivityRow& row : s.*list.rows) out[list.name].push_back(row_json(s, row));
  }
  out["costs_tried"] = s.costs_tried;
  out["refused"] = untried_json(s.refused);
  out["left_out"] = untried_json(s.left_out);
  out["best"] = Json::array();
  for (const SensitivityRow* row : s.best()) out["best"].push_back(row_json(s, *row));
  return out;
}

std::string sensitivity_text(const Sensitivity& s) {
  std::string text = fmt::format(
      "Sensitivity: one change at a time, planned and simulated anew; before: {} ms, {} uJ, {} mm2\n\n"
      "More of one quantity, or another time\n\n{}",
      fixed(s.before.latency_ms, 3), fixed(s.before.energy_uj, 1), fixed(s.before.area_mm2, 3),
      rows_table(s, s.changes, false));
  text += "\nTogether\n\n" + rows_table(s, s.groups, true);
  text += "\nOther choices\n\n" + rows_table(s, s.alternatives, false);
  text += "\nLess of one quantity\n\n" + rows_table(s, s.reductions, false);
  if (!s.costs.empty()) text += "\nCosts that change plans\n\n" + rows_table(s, s.costs, false);
  return text + '\n' + untried_text(s) + '\n' + closing(s);
}

std::string sensitivity_csv(const std::vector<study::NetworkAnswer>& answers) {
  std::string out = record::csv_line({"network", "engine", "list", "name", "change", "latency_cycles", "latency_ms",
                                      "energy_uj", "area_mm2", "latency_gain_percent", "failure"});
  const auto add = [&](const study::NetworkAnswer& answer, const char* list, const std::string& name,
                       const std::string& change, const study::Price& price, double gain, const std::string& failure) {
    std::vector<std::string> cells = {answer.network, answer.engine, list, name, change};
    if (failure.empty()) {
      cells.insert(cells.end(),
                   {fmt::format("{}", price.latency_cycles), record::csv_number(price.latency_ms),
                    record::csv_number(price.energy_uj), record::csv_number(price.area_mm2), record::csv_number(gain)});
    } else {
      cells.insert(cells.end(), 5, "");
    }
    cells.push_back(failure);
    out += record::csv_line(cells);
  };
  for (const study::NetworkAnswer& answer : answers) {
    if (!answer.sensitivity) continue;
    add(answer, "before", "", "", answer.sensitivity->before, 0, "");
    for (const NamedList& list : kLists) {
      for (const SensitivityRow& row : (*answer.sensitivity).*list.rows) {
        add(answer, list.name, row.group.empty() ? row.keys.front().key : row.group, keys_text(row), row.after,
            row.gain_percent, row.failure);
      }
    }
  }
  return out;
}

}  // namespace lanewise::report
