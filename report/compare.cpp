// SPDX-License-Identifier: Apache-2.0
#include "report/compare.hpp"

#include <fmt/format.h>

#include "core/record/csv.hpp"
#include "report/answer.hpp"
#include "report/json.hpp"
#include "report/subgraph_text.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

const study::ComparedSide& either(const study::ComparedSubgraph& subgraph) {
  return subgraph.a ? *subgraph.a : *subgraph.b;
}

std::string name_of(const std::optional<study::ComparedSide>& side) { return side ? side->name : ""; }
std::string bound_of(const std::optional<study::ComparedSide>& side) { return side ? side->bound_by : ""; }
std::int64_t cycles_of(const std::optional<study::ComparedSide>& side) { return side ? side->cycles : 0; }
double energy_of(const std::optional<study::ComparedSide>& side) { return side ? side->energy_uj : 0; }

Json interval_of(const std::optional<study::ComparedSide>& side) {
  return side && side->reliability ? interval_json(side->reliability->interval) : Json(nullptr);
}
std::string interval_end(const std::optional<study::ComparedSide>& side, bool low) {
  if (!side || !side->reliability || !side->reliability->interval) return "";
  return fmt::format("{}", low ? side->reliability->interval->low_cycles : side->reliability->interval->high_cycles);
}
std::string range_mark(const std::optional<study::ComparedSide>& side) {
  return !side || !side->reliability ? "" : side->reliability->in_range ? "1" : "0";
}

std::string both_names(const study::ComparedSubgraph& subgraph) {
  if (!subgraph.a || !subgraph.b || subgraph.a->name == subgraph.b->name) return either(subgraph).name;
  return subgraph.a->name + " | " + subgraph.b->name;
}

std::string bound_text(const study::ComparedSubgraph& subgraph) {
  const std::string a = bound_of(subgraph.a), b = bound_of(subgraph.b);
  return a == b ? a : fmt::format("{} -> {}", a.empty() ? "-" : a, b.empty() ? "-" : b);
}

// What is not the same in shape, context and plan.
std::vector<std::string> changes(const study::ComparedSubgraph& subgraph) {
  if (!subgraph.b) return {"only in A: " + shape_text(subgraph.a->shape)};
  if (!subgraph.a) return {"only in B: " + shape_text(subgraph.b->shape)};
  std::vector<std::string> out;
  const auto note = [&](const char* what, const std::string& text_a, const std::string& text_b) {
    if (text_a != text_b) out.push_back(fmt::format("{}: {} -> {}", what, text_a, text_b));
  };
  const study::ComparedSide& a = *subgraph.a;
  const study::ComparedSide& b = *subgraph.b;
  note("shape", shape_text(a.shape), shape_text(b.shape));
  note("context", context_text(a.shape, a.context), context_text(b.shape, b.context));
  note("stripes", grouped(a.stripes), grouped(b.stripes));
  if (a.plan && b.plan) note("plan", plan_text(*a.plan), plan_text(*b.plan));
  return out;
}

// The unit whose work changed the most, and whether the bound moved with it; "" where the latency is the same.
std::string why(const study::ComparedSubgraph& subgraph) {
  if (!subgraph.a || !subgraph.b || subgraph.a->cycles == subgraph.b->cycles) return "";
  std::string text;
  if (const auto& most = subgraph.changed_most) {
    text =
        fmt::format("{} busy {} -> {} cycles", most->unit, grouped(most->busy_cycles_a), grouped(most->busy_cycles_b));
  }
  if (subgraph.a->bound_by != subgraph.b->bound_by) {
    text += fmt::format("{}bound by {} -> {}", text.empty() ? "" : ", ", subgraph.a->bound_by, subgraph.b->bound_by);
  }
  return text;
}

std::string totals_table(const study::Comparison& c) {
  Table table({{"total", Align::kLeft}, {"A"}, {"B"}, {"change"}});
  const auto line = [&](const char* name, double a, double b, int digits) {
    table.add({name, fixed(a, digits), fixed(b, digits), signed_percent(percent_change(a, b))});
  };
  const study::Totals& a = c.a.total;
  const study::Totals& b = c.b.total;
  line("latency ms", a.latency_ms, b.latency_ms, 3);
  line("latency cycles", static_cast<double>(a.latency_cycles), static_cast<double>(b.latency_cycles), 0);
  line("energy uJ", a.energy_uj, b.energy_uj, 1);
  if (a.energy_breakdown && b.energy_breakdown) {
    for (std::size_t i = 0; i < a.energy_breakdown->by_action.size(); ++i) {
      const record::EnergyPart& part = a.energy_breakdown->by_action[i];
      const double uj_a = part.energy.count() / 1e6, uj_b = b.energy_breakdown->by_action[i].energy.count() / 1e6;
      if (uj_a > 0 || uj_b > 0) line(fmt::format("  {} uJ", part.name).c_str(), uj_a, uj_b, 1);
    }
  }
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

Json side_json(const study::NetworkAnswer& answer) {
  Json out = {{"network", answer.network}, {"engine", answer.engine}};
  add_sizes(out, answer.sizes);
  add_identity(out, answer.identity);
  out["total"] = totals_json(answer.total);
  if (answer.reliability) {
    out["total"]["interval"] = interval_json(answer.reliability->interval);
    out["total"]["in_range"] = answer.reliability->in_range;
    out["total"]["out_of_range"] = answer.reliability->out_of_range;
  }
  add_estimator(out, answer.estimator, answer.held_out_accuracy);
  return out;
}

// What is known of an estimated side: its interval, what lies beyond the training data, and the estimator's error.
std::string trust_text(const char* side, const study::NetworkAnswer& answer) {
  std::string out;
  if (!answer.reliability) return out;
  if (const auto& interval = answer.reliability->interval) {
    out += fmt::format("  {} {} to {} cycles with {} % probability\n", side, grouped(interval->low_cycles),
                       grouped(interval->high_cycles), record::csv_number(100 * interval->level));
  }
  if (!answer.reliability->in_range) {
    out += fmt::format("  {} out of range, trained on less: {}\n", side,
                       fmt::join(answer.reliability->out_of_range, "; "));
  }
  const std::string error = error_text(answer.estimator.value_or(study::EstimatorNote{}), answer.held_out_accuracy);
  if (!error.empty()) out += fmt::format("  {} error: {}\n", side, error);
  return out;
}

// Whether the intervals of two estimates overlap: then which is the faster is not sure.
bool intervals_overlap(const study::Comparison& c) {
  if (!c.a.reliability || !c.b.reliability) return false;
  const auto& a = c.a.reliability->interval;
  const auto& b = c.b.reliability->interval;
  return a && b && a->low_cycles <= b->high_cycles && b->low_cycles <= a->high_cycles;
}

}  // namespace

std::string to_json(const study::Comparison& comparison) {
  Json subgraphs = Json::array();
  for (const study::ComparedSubgraph& subgraph : comparison.subgraphs) {
    subgraphs.push_back({{"a", name_of(subgraph.a)},
                         {"b", name_of(subgraph.b)},
                         {"latency_cycles", {{"a", cycles_of(subgraph.a)}, {"b", cycles_of(subgraph.b)}}},
                         {"energy_uj", {{"a", energy_of(subgraph.a)}, {"b", energy_of(subgraph.b)}}},
                         {"bound_by", {{"a", bound_of(subgraph.a)}, {"b", bound_of(subgraph.b)}}},
                         {"changes", changes(subgraph)},
                         {"why", why(subgraph)}});
    if (comparison.a.source == record::Source::kEstimated)
      subgraphs.back()["interval"] = {{"a", interval_of(subgraph.a)}, {"b", interval_of(subgraph.b)}};
  }
  return dump({{"a", side_json(comparison.a)},
               {"b", side_json(comparison.b)},
               {"source", record::to_string(comparison.a.source)},
               {"tool_version", comparison.a.tool_version},
               {"engine_changes", comparison.engine_changes},
               {"subgraphs", subgraphs}});
}

std::string to_text(const study::Comparison& comparison) {
  const auto head = [](const study::NetworkAnswer& answer) {
    return fmt::format("{} on {}", answer.network, answer.identity.title(answer.engine));
  };
  std::string out = fmt::format("A: {}\nB: {}\n", head(comparison.a), head(comparison.b));
  for (const std::string& line : comparison.engine_changes) out += fmt::format("  {}\n", line);
  if (comparison.a.source == record::Source::kEstimated) {
    out += fmt::format("\nEstimated, not simulated, by lanewise {}\n", comparison.a.tool_version) +
           trust_text("A", comparison.a) + trust_text("B", comparison.b);
    if (intervals_overlap(comparison)) out += "  the intervals overlap: which is the faster is not sure\n";
  }
  out += '\n' + totals_table(comparison) + '\n';
  Table table({{"subgraph", Align::kLeft},
               {"cycles A"},
               {"cycles B"},
               {"B - A"},
               {"bound by", Align::kLeft},
               {"what changed, and why", Align::kLeft}});
  for (const study::ComparedSubgraph& subgraph : comparison.subgraphs) {
    std::vector<std::string> notes = changes(subgraph);
    if (!why(subgraph).empty()) notes.push_back(why(subgraph));
    table.add({both_names(subgraph), subgraph.a ? grouped(subgraph.a->cycles) : "-",
               subgraph.b ? grouped(subgraph.b->cycles) : "-", grouped(cycles_of(subgraph.b) - cycles_of(subgraph.a)),
               bound_text(subgraph), fmt::format("{}", fmt::join(notes, "; "))});
  }
  return out + table.text();
}

std::string to_csv(const study::Comparison& comparison) {
  std::string out = record::csv_line({"subgraph_a",
                                      "subgraph_b",
                                      "latency_cycles_a",
                                      "latency_cycles_b",
                                      "energy_uj_a",
                                      "energy_uj_b",
                                      "bound_by_a",
                                      "bound_by_b",
                                      "changes",
                                      "why",
                                      "source",
                                      "latency_low_cycles_a",
                                      "latency_high_cycles_a",
                                      "latency_low_cycles_b",
                                      "latency_high_cycles_b",
                                      "in_range_a",
                                      "in_range_b",
                                      "engine_overrides_a",
                                      "engine_overrides_b",
                                      "engine_hash_a",
                                      "engine_hash_b"});
  for (const study::ComparedSubgraph& subgraph : comparison.subgraphs) {
    out += record::csv_line({name_of(subgraph.a),
                             name_of(subgraph.b),
                             fmt::format("{}", cycles_of(subgraph.a)),
                             fmt::format("{}", cycles_of(subgraph.b)),
                             record::csv_number(energy_of(subgraph.a)),
                             record::csv_number(energy_of(subgraph.b)),
                             bound_of(subgraph.a),
                             bound_of(subgraph.b),
                             fmt::format("{}", fmt::join(changes(subgraph), "; ")),
                             why(subgraph),
                             record::to_string(comparison.a.source),
                             interval_end(subgraph.a, true),
                             interval_end(subgraph.a, false),
                             interval_end(subgraph.b, true),
                             interval_end(subgraph.b, false),
                             range_mark(subgraph.a),
                             range_mark(subgraph.b),
                             comparison.a.identity.overrides_text(),
                             comparison.b.identity.overrides_text(),
                             comparison.a.identity.hash,
                             comparison.b.identity.hash});
  }
  return out;
}

}  // namespace lanewise::report
