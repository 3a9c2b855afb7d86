// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "core/record/csv.hpp"
#include "report/answer.hpp"
#include "report/feature_effects.hpp"
#include "report/subgraph_text.hpp"
#include "report/table.hpp"
#include "report/tile_chart.hpp"
#include "report/weights.hpp"
#include "study/evaluation/explanation.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string operators_text(const study::Explanation& e) {
  std::string out = "Operators\n";
  for (const network::OperatorId id : e.operators) {
    const network::Operator& op = e.graph->op(id);
    const auto shape = [&](const std::vector<network::TensorId>& ids) {
      return ids.empty() ? std::string("-") : fmt::format("{}", fmt::join(e.graph->tensor(ids.front()).shape, "x"));
    };
    out += fmt::format("  {}  {} ({}), {} -> {}, {} MACs\n", op.name, network::to_string(op.kind), op.source_type,
                       shape(op.inputs), shape(op.outputs), grouped(network::macs(*e.graph, op)));
  }
  return out;
}

std::string bounds_text(const mapping::Bounds& b) {
  return fmt::format(
      "Analytical bounds, cycles\n  MACs {}, array {}, post-processor {}, DRAM {}\n"
      "  activation banks {}, weight banks {}\n  roofline {}\n",
      fixed(b.mac_cycles, 0), fixed(b.array_cycles, 0), fixed(b.post_cycles, 0), fixed(b.dram_cycles, 0),
      fixed(b.activation_cycles, 0), fixed(b.weight_cycles, 0), fixed(b.roofline_cycles, 0));
}

std::string units_text(const record::Measurement& m) {
  Table table({{"unit", Align::kLeft}, {"busy"}, {"stalled"}, {"idle"}, {"busy %"}, {"stalled by", Align::kLeft}});
  for (const record::UnitTime& unit : m.units) {
    std::int64_t stalled = 0;
    std::vector<std::string> causes;
    for (const record::StallTime& stall : unit.stalled) {
      stalled += stall.cycles.count();
      if (stall.cycles.count() > 0)
        causes.push_back(fmt::format("{} {}", record::to_string(stall.cause), grouped(stall.cycles.count())));
    }
    const double share = m.latency.count() > 0
                             ? 100.0 * static_cast<double>(unit.busy.count()) / static_cast<double>(m.latency.count())
                             : 0;
    std::vector<std::string> row = {record::to_string(unit.unit), grouped(unit.busy.count()), grouped(stalled),
                                    grouped(unit.idle.count()), fixed(share, 1)};
    // Two causes a line, so that the table fits a screen.
    for (std::size_t first = 0; first == 0 || first < causes.size(); first += 2) {
      const auto begin = causes.begin() + static_cast<std::ptrdiff_t>(first);
      const auto end = causes.begin() + static_cast<std::ptrdiff_t>(std::min(causes.size(), first + 2));
      row.push_back(fmt::format("{}", fmt::join(begin, end, ", ")));
      table.add(row);
      row.assign(5, "");
    }
  }
  return table.text();
}

std::string features_text(const study::Explanation& e) {
  std::string out = "Features\n";
  for (const auto& [name, value] : e.features) out += fmt::format("  {:<34} {}\n", name, fmt::format("{:.6g}", value));
  return out;
}

// Why the prediction is what it is.
std::string reasons_text(const study::PredictedSubgraph& p) {
  const FeatureEffects effects = feature_effects(p.reasons);
  std::string out = fmt::format(
      "  analytical model {} cycles; trained rows take {} of it on average, and features change that by:\n\n",
      fixed(p.reasons.analytical_cycles, 0), fixed(100 + effects.usual_percent, 1) + " %");
  Table table({{"feature", Align::kLeft}, {"value"}, {"effect"}});
  for (const FeatureEffect& effect : effects.largest) {
    table.add({effect.feature, fmt::format("{:.6g}", effect.value), signed_percent(effect.percent)});
  }
  table.add({"all others", "", signed_percent(effects.others_percent)});
  out += table.text();
  if (p.reasons.nearest.empty()) return out;
  Table rows({{"nearest trained rows", Align::kLeft}, {"distance"}, {"measured"}, {"predicted unseen"}, {"error"}});
  for (const estimator::Neighbour& row : p.reasons.nearest) {
    const double error = 100.0 * static_cast<double>(row.predicted_cycles - row.measured_cycles) /
                         static_cast<double>(row.measured_cycles);
    rows.add({row.subgraph_key, fixed(row.distance, 2), grouped(row.measured_cycles),
              row.predicted_cycles > 0 ? grouped(row.predicted_cycles) : "-",
              row.predicted_cycles > 0 ? signed_percent(error) : "-"});
    rows.add({"  on " + row.engine, "", "", "", ""});
  }
  return out + '\n' + rows.text();
}

std::string prediction_text(const study::PredictedSubgraph& p) {
  std::string out = fmt::format("Predicted\n  {} cycles ({} against the simulation), {} uJ, {} from DRAM, {} on chip\n",
                                grouped(p.latency_cycles), signed_percent(p.error_percent), compact(p.energy_uj),
                                bytes_text(p.dram_bytes), bytes_text(p.peak_sram_bytes));
  if (p.estimator.other_family) {
    out += fmt::format("  error {}\n", error_text(p.estimator, std::nullopt));
  } else if (p.held_out_rmspe_percent) {
    const double rmspe = *p.held_out_rmspe_percent / 100;
    out += fmt::format("  {} to {} cycles within the RMSPE of this subgraph family on engines held out, {} %\n",
                       grouped(static_cast<std::int64_t>(static_cast<double>(p.latency_cycles) * (1 - rmspe))),
                       grouped(static_cast<std::int64_t>(static_cast<double>(p.latency_cycles) * (1 + rmspe))),
                       fixed(rmspe * 100, 1));
  }
  if (p.interval) {
    out += fmt::format("  {} to {} cycles with {} % probability\n", grouped(p.interval->low_cycles),
                       grouped(p.interval->high_cycles), record::csv_number(100 * p.interval->level));
  }
  if (!p.out_of_range.empty()) out += fmt::format("  trained on less: {}\n", fmt::join(p.out_of_range, "; "));
  return out + reasons_text(p);
}

std::string explanation_text(const study::Explanation& e) {
  const mapping::Subgraph& s = e.subgraph;
  const mapping::TilePlan& p = e.plan;
  const record::Measurement& m = e.measurement;
  std::string out = fmt::format("{} on {}, by lanewise {}\n\n", e.network, e.identity.title(e.engine), e.tool_version);
  out += operators_text(e) + '\n';
  out += fmt::format("Subgraph {}{}\n  {}\n  {}\n{}\n", s.name, s.block.empty() ? "" : fmt::format(", in {}", s.block),
                     shape_text(s.shape), context_text(s.shape, s.context),
                     e.weights ? fmt::format("  {}\n", weights_text(*e.weights)) : "");
  if (s.part.cascade >= 0) {
    out += fmt::format("Stripe {} of {} in cascade {}: output rows {} to {}. All that follows is of this stripe.\n\n",
                       s.part.stripe + 1, e.stripes, s.part.cascade, s.part.first_row,
                       s.part.first_row + s.shape.out_height - 1);
  }
  out += bounds_text(e.bounds) + '\n';
  out += fmt::format("Tile plan\n{}\nFirst tiles: what they load, compute and store\n{}\n", plan_lines(s.shape, p),
                     tile_work_table(p));
  out += fmt::format("Simulated\n  {} cycles, array used {} %, {} uJ, bound by {}\n\n{}\n", grouped(m.latency.count()),
                     fixed(m.utilization * 100, 1), compact(m.energy.count() / 1e6), m.bound_by, units_text(m));
  const std::string times = tile_time_table(e.timeline, p.steps.size());
  if (!times.empty()) out += fmt::format("First tiles: when units were busy with them, cycles\n{}\n", times);
  const std::string chart = tile_chart(e.timeline, p.steps.size());
  if (!chart.empty()) out += fmt::format("First tiles over time\n{}\n", chart);
  if (e.prediction) out += prediction_text(*e.prediction) + '\n';
  return out + features_text(e);
}

}  // namespace

std::string to_text(const std::vector<study::Explanation>& explanations) {
  std::string out;
  for (const study::Explanation& explanation : explanations)
    out += (out.empty() ? "" : "\n") + explanation_text(explanation);
  return out;
}

}  // namespace lanewise::report
