// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "core/record/csv.hpp"
#include "report/codesign.hpp"
#include "report/codesign_words.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::report {
namespace {

std::string number(double value) { return std::isfinite(value) ? record::csv_number(value) : ""; }

nas::Metrics metrics_of(const study::Totals& totals, const std::optional<double>& accuracy) {
  nas::Metrics metrics = study::metrics_of(totals);
  if (accuracy) metrics[nas::Metric::kAccuracy] = *accuracy;
  return metrics;
}

std::string interval_end(const study::Design& d, bool low) {
  if (!d.reliability || !d.reliability->interval) return "";
  return fmt::format("{}", low ? d.reliability->interval->low_cycles : d.reliability->interval->high_cycles);
}

std::string in_range(const study::Design& d) { return !d.reliability ? "" : d.reliability->in_range ? "1" : "0"; }

std::string all_genes(const study::Design& design) {
  std::vector<std::string> words;
  for (const auto& [name, value] : design.genes) words.push_back(name + "=" + value);
  return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace

std::string to_csv(const study::CodesignResult& result) {
  std::string out =
      record::csv_line({"design", "genes", "latency_cycles_predicted", "latency_cycles_simulated", "error_percent",
                        "trained_on_percent", "energy_uj_predicted", "energy_uj_simulated", "energy_error_percent",
                        "macs", "parameters", "area_mm2", "peak_sram_bytes_predicted", "peak_sram_bytes_simulated",
                        "latency_low_cycles", "latency_high_cycles", "in_range", "engine_overrides", "engine_hash"});
  const auto line = [&](const std::string& name, const study::Design& d) {
    out += record::csv_line({name, genes_text(d), fmt::format("{}", d.predicted.latency_cycles),
                             fmt::format("{}", d.simulated.latency_cycles), record::csv_number(d.error_percent()),
                             d.trained_on_percent ? record::csv_number(*d.trained_on_percent) : "",
                             record::csv_number(d.predicted.energy_uj), record::csv_number(d.simulated.energy_uj),
                             record::csv_number(d.energy_error_percent()), fmt::format("{}", d.simulated.macs),
                             fmt::format("{}", d.simulated.parameters), record::csv_number(d.simulated.area_mm2),
                             fmt::format("{}", d.predicted.peak_sram_bytes),
                             fmt::format("{}", d.simulated.peak_sram_bytes), interval_end(d, true),
                             interval_end(d, false), in_range(d), result.identity.overrides_text(), d.engine_hash});
  };
  line("baseline", result.baseline);
  for (std::size_t i = 0; i < result.finalists.size(); ++i)
    line(fmt::format("finalist {}", i + 1), result.finalists[i]);
  for (const study::AblationRow& row : result.ablation) line(row.name, row.design);
  return out;
}

std::string front_csv(const study::CodesignResult& result) {
  std::vector<std::string> cells = {"design", "finalist", "encoding", "genes", "engine_hash"};
  for (const nas::MetricTraits& traits : nas::metrics()) {
    cells.push_back(std::string(traits.name) + "_predicted");
    cells.push_back(std::string(traits.name) + "_simulated");
  }
  for (const char* name : {"latency_cycles_predicted", "latency_cycles_simulated", "latency_low_cycles",
                           "latency_high_cycles", "in_range", "error_percent", "energy_error_percent",
                           "trained_on_percent", "missed_limits", "failure", "network_file", "engine_file"}) {
    cells.emplace_back(name);
  }
  std::string out = record::csv_line(cells);
  for (std::size_t i = 0; i < result.front.size(); ++i) {
    const study::Design& d = result.front[i];
    const bool simulated = d.is_simulated && d.failure.empty();
    const nas::Metrics predicted = metrics_of(d.predicted, d.accuracy);
    const nas::Metrics truth = simulated ? metrics_of(d.simulated, d.accuracy) : nas::Metrics();
    cells = {fmt::format("{}", i + 1), d.finalist > 0 ? fmt::format("{}", d.finalist) : "", d.encoding, all_genes(d),
             d.engine_hash};
    for (const nas::MetricTraits& traits : nas::metrics()) {
      cells.push_back(number(predicted[traits.metric]));
      cells.push_back(number(truth[traits.metric]));
    }
    cells.push_back(fmt::format("{}", d.predicted.latency_cycles));
    cells.push_back(simulated ? fmt::format("{}", d.simulated.latency_cycles) : "");
    cells.push_back(interval_end(d, true));
    cells.push_back(interval_end(d, false));
    cells.push_back(in_range(d));
    cells.push_back(simulated ? record::csv_number(d.error_percent()) : "");
    cells.push_back(simulated ? record::csv_number(d.energy_error_percent()) : "");
    cells.push_back(d.trained_on_percent ? record::csv_number(*d.trained_on_percent) : "");
    cells.push_back(missed_text(d.missed));
    cells.push_back(d.failure);
    cells.push_back(d.network_file);
    cells.push_back(d.engine_file);
    out += record::csv_line(cells);
  }
  return out;
}

std::string history_csv(const study::CodesignResult& result) {
  std::vector<std::string> cells = {"candidate", "round", "search", "encoding", "genes"};
  for (const nas::MetricTraits& traits : nas::metrics()) cells.emplace_back(traits.name);
  for (const char* name : {"violation", "failure", "hypervolume"}) cells.emplace_back(name);
  std::string out = record::csv_line(cells);
  for (std::size_t i = 0; i < result.history.size(); ++i) {
    const study::HistoryRow& row = result.history[i];
    cells = {fmt::format("{}", i + 1), fmt::format("{}", row.round), row.search, row.encoding, row.genes};
    for (const nas::MetricTraits& traits : nas::metrics()) cells.push_back(number(row.metrics[traits.metric]));
    cells.push_back(record::csv_number(row.violation));
    cells.push_back(row.failure);
    cells.push_back(record::csv_number(row.hypervolume));
    out += record::csv_line(cells);
  }
  return out;
}

}  // namespace lanewise::report
