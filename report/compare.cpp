// SPDX-License-Identifier: Apache-2.0
#include "report/compare.hpp"

#include <fmt/format.h>

#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

double change(double a, double b) { return a > 0 ? 100.0 * (b - a) / a : 0; }

std::string name_of(const ComparedPass& pass) {
  if (pass.name_a.empty()) return pass.name_b;
  if (pass.name_b.empty() || pass.name_a == pass.name_b) return pass.name_a;
  return pass.name_a + " | " + pass.name_b;
}

std::string bound_text(const ComparedPass& pass) {
  return pass.bound_a == pass.bound_b ? pass.bound_a
                                      : fmt::format("{} -> {}", pass.bound_a.empty() ? "-" : pass.bound_a,
                                                    pass.bound_b.empty() ? "-" : pass.bound_b);
}

std::string totals_table(const Comparison& c) {
  Table table({{"total", Align::kLeft}, {"A"}, {"B"}, {"change"}});
  const auto line = [&](const char* name, double a, double b, int digits) {
    table.add({name, fixed(a, digits), fixed(b, digits), signed_percent(change(a, b))});
  };
  const Totals& a = c.a.total;
  const Totals& b = c.b.total;
  line("latency ms", a.latency_ms, b.latency_ms, 3);
  line("latency cycles", static_cast<double>(a.latency_cycles), static_cast<double>(b.latency_cycles), 0);
  line("energy uJ", a.energy_uj, b.energy_uj, 1);
  line("average power mW", a.average_power_mw, b.average_power_mw, 1);
  line("area mm2", a.area_mm2, b.area_mm2, 3);
  line("MACs", static_cast<double>(a.macs), static_cast<double>(b.macs), 0);
  line("array used %", a.utilization * 100, b.utilization * 100, 1);
  line("parameters", static_cast<double>(a.parameters), static_cast<double>(b.parameters), 0);
  line("DRAM bytes", static_cast<double>(a.dram_bytes), static_cast<double>(b.dram_bytes), 0);
  line("on-chip peak bytes", static_cast<double>(a.peak_sram_bytes), static_cast<double>(b.peak_sram_bytes), 0);
  table.add({"bound by", a.bound_by, b.bound_by, ""});
  return table.text();
}

Json side_json(const NetworkAnswer& answer) {
  return {{"network", answer.network}, {"engine", answer.engine}, {"total", totals_json(answer.total)}};
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  Json passes = Json::array();
  for (const ComparedPass& pass : comparison.passes) {
    passes.push_back({{"a", pass.name_a},
                      {"b", pass.name_b},
                      {"latency_cycles", {{"a", pass.cycles_a}, {"b", pass.cycles_b}}},
                      {"energy_uj", {{"a", pass.energy_uj_a}, {"b", pass.energy_uj_b}}},
                      {"bound_by", {{"a", pass.bound_a}, {"b", pass.bound_b}}},
                      {"changes", pass.changes},
                      {"why", pass.why}});
  }
  return dump({{"a", side_json(comparison.a)},
               {"b", side_json(comparison.b)},
               {"source", record::to_string(comparison.a.source)},
               {"tool_version", comparison.a.tool_version},
               {"engine_changes", comparison.engine_changes},
               {"subgraphs", passes}});
}

std::string to_text(const Comparison& comparison) {
  std::string out = fmt::format("A: {} on {}\nB: {} on {}\n", comparison.a.network, comparison.a.engine,
                                comparison.b.network, comparison.b.engine);
  for (const std::string& line : comparison.engine_changes) out += fmt::format("  {}\n", line);
  out += '\n' + totals_table(comparison) + '\n';
  Table table({{"subgraph", Align::kLeft},
               {"cycles A"},
               {"cycles B"},
               {"B - A"},
               {"bound by", Align::kLeft},
               {"what changed, and why", Align::kLeft}});
  for (const ComparedPass& pass : comparison.passes) {
    std::vector<std::string> notes = pass.changes;
    if (!pass.why.empty()) notes.push_back(pass.why);
    table.add({name_of(pass), pass.name_a.empty() ? "-" : grouped(pass.cycles_a),
               pass.name_b.empty() ? "-" : grouped(pass.cycles_b), grouped(pass.cycles_b - pass.cycles_a),
               bound_text(pass), fmt::format("{}", fmt::join(notes, "; "))});
  }
  return out + table.text();
}

std::string to_csv(const Comparison& comparison) {
  std::string out = csv_line({"subgraph_a", "subgraph_b", "latency_cycles_a", "latency_cycles_b", "energy_uj_a",
                              "energy_uj_b", "bound_by_a", "bound_by_b", "changes", "why"});
  for (const ComparedPass& pass : comparison.passes) {
    out += csv_line({pass.name_a, pass.name_b, fmt::format("{}", pass.cycles_a), fmt::format("{}", pass.cycles_b),
                     csv_number(pass.energy_uj_a), csv_number(pass.energy_uj_b), pass.bound_a, pass.bound_b,
                     fmt::format("{}", fmt::join(pass.changes, "; ")), pass.why});
  }
  return out;
}

}  // namespace lanewise::report
