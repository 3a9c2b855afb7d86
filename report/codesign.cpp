// SPDX-License-Identifier: Apache-2.0
#include "report/codesign.hpp"

#include <fmt/format.h>

#include "core/record/csv.hpp"
#include "report/breakdown.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

double change(double value, double baseline) { return baseline > 0 ? 100.0 * (value - baseline) / baseline : 0; }

Json design_json(const study::Design& design) {
  Json genes = Json::object();
  for (const auto& [name, value] : design.genes) genes[name] = value;
  Json json = {{"engine_hash", design.engine_hash},
               {"genes", genes},
               {"fused_blocks", design.fused_blocks},
               {"predicted", totals_json(design.predicted)},
               {"simulated", totals_json(design.simulated)},
               {"error_percent", design.error_percent()},
               {"energy_error_percent", design.energy_error_percent()},
               {"trained_on_percent", design.trained_on_percent}};
  if (design.reliability) {
    json["predicted"]["interval"] = interval_json(design.reliability->interval);
    json["predicted"]["in_range"] = design.reliability->in_range;
    json["predicted"]["out_of_range"] = design.reliability->out_of_range;
  }
  return json;
}

std::string genes_text(const study::Design& design) {
  std::vector<std::string> genes;
  std::vector<std::string> fused;
  for (const auto& [name, value] : design.genes) {
    if (name.rfind("fuse.", 0) == 0) {
      fused.push_back(name.substr(5));
    } else {
      genes.push_back(name + "=" + value);
    }
  }
  if (!fused.empty()) genes.insert(genes.begin(), fmt::format("fused: {}", fmt::join(fused, " ")));
  return genes.empty() ? "as given" : fmt::format("{}", fmt::join(genes, ", "));
}

std::vector<std::string> cells(const std::string& name, const study::Design& d, const study::Design& baseline) {
  const study::Totals& p = d.predicted;
  const study::Totals& s = d.simulated;
  return {name,
          fixed(p.latency_ms, 3),
          fixed(s.latency_ms, 3),
          signed_percent(d.error_percent()),
          fixed(d.trained_on_percent, 0),
          signed_percent(change(s.latency_ms, baseline.simulated.latency_ms)),
          fixed(p.energy_uj, 1),
          fixed(s.energy_uj, 1),
          signed_percent(d.energy_error_percent()),
          fixed(static_cast<double>(s.macs) / 1e6, 1),
          fixed(static_cast<double>(s.parameters) / 1e6, 3),
          fixed(s.area_mm2, 3),
          fixed(static_cast<double>(p.peak_sram_bytes) / 1024, 0),
          fixed(static_cast<double>(s.peak_sram_bytes) / 1024, 0)};
}

// How far the predicted latency can be trusted, where the estimator says so.
std::string trust_text(const study::Design& d) {
  if (!d.reliability || !d.reliability->interval || d.predicted.latency_cycles <= 0) return "";
  const double ms_a_cycle = d.predicted.latency_ms / static_cast<double>(d.predicted.latency_cycles);
  const study::LatencyInterval& interval = *d.reliability->interval;
  return fmt::format("  predicted {} to {} ms with {} % probability{}\n",
                     fixed(ms_a_cycle * static_cast<double>(interval.low_cycles), 3),
                     fixed(ms_a_cycle * static_cast<double>(interval.high_cycles), 3),
                     record::csv_number(100 * interval.level),
                     d.reliability->in_range ? "" : ", beyond what the estimator was trained on");
}

Table design_table() {
  return Table({{"design", Align::kLeft},
                {"latency ms predicted"},
                {"simulated"},
                {"error"},
                {"trained on %"},
                {"vs baseline"},
                {"energy uJ predicted"},
                {"simulated"},
                {"error"},
                {"MMACs"},
                {"Mparameters"},
                {"area mm2"},
                {"on-chip KiB predicted"},
                {"simulated"}});
}

}  // namespace

std::string to_json(const study::CodesignResult& result) {
  Json finalists = Json::array();
  for (const study::Design& design : result.finalists) finalists.push_back(design_json(design));
  Json estimator = {
      {"rows", result.estimator.rows}, {"engines", result.estimator.engines}, {"family", result.estimator.family}};
  estimator.update(splits_json(result.estimator));
  Json json = {{"network", result.network}, {"engine", result.engine}};
  add_identity(json, result.identity);
  json.update({{"tool_version", result.tool_version},
               {"seed", result.seed},
               {"objectives", result.objectives},
               {"constraint", result.constraint},
               {"area_budget_mm2", result.area_budget_mm2},
               {"free_keys", result.free_keys},
               {"evaluations", result.evaluations},
               {"cannot_run", result.cannot_run},
               {"baseline", design_json(result.baseline)},
               {"finalists", finalists},
               {"estimator", estimator}});
  if (!result.ablation.empty()) {
    Json rows = Json::array();
    for (const study::AblationRow& row : result.ablation) {
      Json design = design_json(row.design);
      design["name"] = row.name;
      design["latency_change_percent"] = change(row.design.simulated.latency_ms, result.baseline.simulated.latency_ms);
      design["macs_change_percent"] =
          change(static_cast<double>(row.design.simulated.macs), static_cast<double>(result.baseline.simulated.macs));
      rows.push_back(design);
    }
    json["ablation"] = rows;
  }
  return dump(json);
}

std::string to_text(const study::CodesignResult& result) {
  std::string out = fmt::format("Codesign of {} around {} by lanewise {}, seed {}\n\n", result.network,
                                result.identity.title(result.engine), result.tool_version, result.seed);
  out += fmt::format("  estimator    {} rows on {} engines of the family {}\n", grouped(result.estimator.rows),
                     grouped(result.estimator.engines), result.estimator.family);
  for (const auto& [name, split] : result.estimator.splits) {
    out += fmt::format("    {:<14} within 10 %: {} % of {} rows, MAPE {} % (bound alone: {} %)\n", name,
                       fixed(split.latency.within_10_percent, 1), grouped(split.latency.rows),
                       fixed(split.latency.mape_percent, 2), fixed(split.bound.mape_percent, 1));
  }
  out += fmt::format("  search       {} designs priced{}; objectives {}\n", grouped(result.evaluations),
                     result.cannot_run > 0 ? fmt::format(", {} of which cannot run", grouped(result.cannot_run)) : "",
                     fmt::join(result.objectives, ", "));
  out += fmt::format("  constraint   {}\n", result.constraint);
  if (result.area_budget_mm2 > 0) out += fmt::format("  area budget  {} mm2\n", fixed(result.area_budget_mm2, 3));
  if (!result.free_keys.empty()) out += "  free         " + free_keys_text(result.free_keys);
  out += '\n';
  Table table = design_table();
  table.add(cells("baseline", result.baseline, result.baseline));
  for (std::size_t i = 0; i < result.finalists.size(); ++i) {
    table.add(cells(fmt::format("finalist {}", i + 1), result.finalists[i], result.baseline));
  }
  out += table.text() + '\n';
  for (std::size_t i = 0; i < result.finalists.size(); ++i) {
    out += fmt::format("finalist {}: {}\n{}", i + 1, genes_text(result.finalists[i]), trust_text(result.finalists[i]));
  }
  if (!result.ablation.empty()) {
    out += "\nBest latency that each kind of gene reaches:\n\n";
    Table ablation = design_table();
    ablation.add(cells("baseline", result.baseline, result.baseline));
    for (const study::AblationRow& row : result.ablation) ablation.add(cells(row.name, row.design, result.baseline));
    out += ablation.text() + '\n';
    for (const study::AblationRow& row : result.ablation)
      out += fmt::format("{}: {}\n", row.name, genes_text(row.design));
  }
  return out;
}

std::string to_csv(const study::CodesignResult& result) {
  const auto interval_end = [](const study::Design& d, bool low) -> std::string {
    if (!d.reliability || !d.reliability->interval) return "";
    return fmt::format("{}", low ? d.reliability->interval->low_cycles : d.reliability->interval->high_cycles);
  };
  std::string out =
      record::csv_line({"design", "genes", "latency_cycles_predicted", "latency_cycles_simulated", "error_percent",
                        "trained_on_percent", "energy_uj_predicted", "energy_uj_simulated", "energy_error_percent",
                        "macs", "parameters", "area_mm2", "peak_sram_bytes_predicted", "peak_sram_bytes_simulated",
                        "latency_low_cycles", "latency_high_cycles", "in_range", "engine_overrides", "engine_hash"});
  const auto line = [&](const std::string& name, const study::Design& d) {
    out +=
        record::csv_line({name, genes_text(d), fmt::format("{}", d.predicted.latency_cycles),
                          fmt::format("{}", d.simulated.latency_cycles), record::csv_number(d.error_percent()),
                          record::csv_number(d.trained_on_percent), record::csv_number(d.predicted.energy_uj),
                          record::csv_number(d.simulated.energy_uj), record::csv_number(d.energy_error_percent()),
                          fmt::format("{}", d.simulated.macs), fmt::format("{}", d.simulated.parameters),
                          record::csv_number(d.simulated.area_mm2), fmt::format("{}", d.predicted.peak_sram_bytes),
                          fmt::format("{}", d.simulated.peak_sram_bytes), interval_end(d, true), interval_end(d, false),
                          !d.reliability            ? ""
                          : d.reliability->in_range ? "1"
                                                    : "0",
                          result.identity.overrides_text(), d.engine_hash});
  };
  line("baseline", result.baseline);
  for (std::size_t i = 0; i < result.finalists.size(); ++i)
    line(fmt::format("finalist {}", i + 1), result.finalists[i]);
  for (const study::AblationRow& row : result.ablation) line(row.name, row.design);
  return out;
}

}  // namespace lanewise::report
