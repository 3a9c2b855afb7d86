// SPDX-License-Identifier: Apache-2.0
#include "report/codesign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/record/csv.hpp"
#include "report/breakdown.hpp"
#include "report/codesign_combined.hpp"
#include "report/codesign_words.hpp"
#include "report/table.hpp"

namespace lanewise::report {

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

std::string missed_text(const std::vector<study::LimitMiss>& missed) {
  std::vector<std::string> words;
  for (const study::LimitMiss& miss : missed) {
    words.push_back(
        fmt::format("{}: {} by {}", miss.limit, compact(miss.value), miss.simulated ? "simulation" : "prediction"));
  }
  return fmt::format("{}", fmt::join(words, "; "));
}

namespace {

using Align = Table::Align;

std::vector<std::string> cells(const std::string& name, const study::Design& d, const study::Design& baseline) {
  const study::Totals& p = d.predicted;
  const study::Totals& s = d.simulated;
  return {name,
          fixed(p.latency_ms, 3),
          fixed(s.latency_ms, 3),
          signed_percent(d.error_percent()),
          d.trained_on_percent ? fixed(*d.trained_on_percent, 0) : "?",
          signed_percent(percent_change(baseline.simulated.latency_ms, s.latency_ms)),
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

namespace {

std::string estimator_text(const study::CodesignResult& result) {
  std::string out;
  if (result.estimator) {
    const estimator::AccuracyReport& report = *result.estimator;
    out += fmt::format("  estimator    {} rows on {} engines of the family {}", grouped(report.rows),
                       grouped(report.engines), report.family);
  } else {
    out += "  estimator    of unknown accuracy";
  }
  const bool learned = !result.rounds.empty();
  out += result.origin.kind == "default" ? ", the family's default"
         : result.origin.kind == "given" ? ", as given"
         : result.origin.kind == "store" ? ", trained here on a store"
                                         : ", measured and trained here";
  if (!result.origin.note.empty()) out += ": " + result.origin.note;
  out += learned ? ", trained anew after round 1\n" : "\n";
  if (const auto& probe = result.origin.probe) {
    out += fmt::format(
        "    probe          default estimator on {} designs of the space: error {} % on average, {} % at worst; taken "
        "up to {} % and {} %\n",
        probe->designs, fixed(probe->mean_error_percent, 2), fixed(probe->worst_error_percent, 2),
        record::csv_number(probe->mean_at_most), record::csv_number(probe->worst_at_most));
  }
  if (!result.estimator) return out;
  for (const auto& [name, split] : result.estimator->splits) {
    out += fmt::format("    {:<14} within 10 %: {} % of {} rows, MAPE {} % (bound alone: {} %)\n", name,
                       fixed(split.latency.within_10_percent, 1), grouped(split.latency.rows),
                       fixed(split.latency.mape_percent, 2), fixed(split.bound.mape_percent, 1));
  }
  return out;
}

std::string trust_rounds_text(const std::vector<study::TrustRound>& rounds) {
  std::string out;
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    const study::TrustRound& round = rounds[i];
    out += fmt::format(
        "  round {:<6} {} of {} finalists beyond their interval (error {} % on average, {} % at worst): {} rows added, "
        "{}, {} rows now\n",
        i + 1, round.beyond, round.simulated, fixed(round.mean_error_percent, 2), fixed(round.worst_error_percent, 2),
        grouped(round.rows_added), round.change, grouped(round.training_rows));
  }
  return out;
}

// What the search had to choose from, where that was little: nobody should wonder about three designs.
std::string little_choice_text(const study::CodesignResult& result) {
  constexpr std::size_t kReasons = 12;
  std::string out;
  if (!result.fewer_finalists.empty()) {
    out += fmt::format("  finalists    {} of {} asked for: {}\n", result.finalists.size(), result.finalists_asked,
                       result.fewer_finalists);
  }
  if (result.open_genes > 3 || result.left_out.empty()) return out;
  out += fmt::format("  genes        {} can change; left out:\n", result.open_genes);
  for (std::size_t i = 0; i < std::min(kReasons, result.left_out.size()); ++i)
    out += "    " + result.left_out[i] + "\n";
  if (result.left_out.size() > kReasons) {
    out += fmt::format("    and {} more (result.json)\n", result.left_out.size() - kReasons);
  }
  return out;
}

std::string failure_text(const study::CodesignResult& result) {
  if (!result.failed()) return "";
  if (result.all_infeasible) {
    return "\nNo design keeps every limit: what is shown are those that miss them by the least.\n";
  }
  return "\nA finalist keeps the limits by prediction and not by simulation.\n";
}

// The designs that have no score, by cause, the most frequent first.
std::string without_accuracy_text(const study::CodesignResult& result) {
  constexpr std::size_t kShown = 5;
  std::vector<std::pair<std::int64_t, std::string>> causes;
  for (const auto& [cause, count] : result.without_accuracy) causes.emplace_back(-count, cause);
  std::sort(causes.begin(), causes.end());
  std::string out;
  for (std::size_t i = 0; i < causes.size() && i < kShown; ++i) {
    out += fmt::format("  no accuracy  {} of the designs: {}\n", grouped(-causes[i].first), causes[i].second);
  }
  if (causes.size() > kShown)
    out += fmt::format("  no accuracy  {} more causes; --json has them\n", causes.size() - kShown);
  return out;
}

std::string finalist_lines(const study::CodesignResult& result) {
  std::string out;
  for (std::size_t i = 0; i < result.finalists.size(); ++i) {
    const study::Design& design = result.finalists[i];
    out += fmt::format("finalist {}: {}\n{}", i + 1, genes_text(design), trust_text(design));
    if (!design.network_file.empty()) {
      out += fmt::format("  {} ({} weights kept, {} stripped), {}\n", design.network_file, design.weights_kept,
                         design.weights_stripped, design.engine_file);
      if (!design.forms_file.empty()) out += fmt::format("  {}, {}\n", design.forms_file, design.precisions_file);
    } else if (!design.no_network_file.empty()) {
      out += fmt::format("  {}; no file of its network: {}\n", design.engine_file, design.no_network_file);
    }
    if (design.accuracy) out += fmt::format("  accuracy {}\n", record::csv_number(*design.accuracy));
    if (!design.failure.empty()) out += "  cannot be simulated: " + design.failure + "\n";
    if (!design.missed.empty()) out += "  misses " + missed_text(design.missed) + "\n";
  }
  return out;
}

}  // namespace

std::string to_text(const study::CodesignResult& result) {
  std::string out = fmt::format("Codesign of {} around {} by lanewise {}, seed {}\n\n", result.network,
                                result.identity.title(result.engine), result.tool_version, result.seed);
  out += estimator_text(result);
  out +=
      fmt::format("  search       {} designs priced{}; objectives {}; {}, ended by {}\n", grouped(result.evaluations),
                  result.cannot_run > 0 ? fmt::format(", {} of which cannot run", grouped(result.cannot_run)) : "",
                  fmt::join(result.objectives, ", "), result.algorithm, result.stopped);
  out +=
      fmt::format("  front        {} of them, of which {} simulated\n", result.front.size(), result.designs_simulated);
  out += trust_rounds_text(result.rounds);
  out += fmt::format("  constraint   {}\n", result.constraint);
  out += without_accuracy_text(result);
  for (const nas::RungAccount& rung : result.halving) {
    out += fmt::format("  halving      {} judged by {}, {} of them infeasible; {} left out before\n",
                       grouped(rung.entered), rung.name, grouped(rung.infeasible), grouped(rung.left_out));
  }
  if (!result.limits.empty()) out += fmt::format("  limits       {}\n", fmt::join(result.limits, ", "));
  if (result.area_budget_mm2 > 0) out += fmt::format("  area budget  {} mm2\n", fixed(result.area_budget_mm2, 3));
  if (!result.free_keys.empty()) out += "  free         " + free_keys_text(result.free_keys);
  out += little_choice_text(result);
  out += '\n';
  Table table = design_table();
  table.add(cells("baseline", result.baseline, result.baseline));
  for (std::size_t i = 0; i < result.finalists.size(); ++i) {
    table.add(cells(fmt::format("finalist {}", i + 1), result.finalists[i], result.baseline));
  }
  out += table.text() + '\n' + finalist_lines(result) + failure_text(result);
  out += combined_text(result);
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

namespace {

// What trainings, scores or somebody's programs took; "" where nobody was asked.
std::string accuracy_cost_text(const study::AccuracyCost& cost) {
  if (cost.by.empty()) return "";
  std::string out =
      fmt::format("Accuracy by {} took {} s for {} questions", cost.by, fixed(cost.seconds, 1), grouped(cost.asked));
  if (cost.from_before > 0) out += fmt::format(", {} of them answered before", grouped(cost.from_before));
  if (cost.networks > 0) {
    out += fmt::format("; {} networks took {} s of programs, {} s each", grouped(cost.networks),
                       fixed(cost.program_seconds, 1),
                       fixed(cost.program_seconds / static_cast<double>(cost.networks), 1));
  }
  if (cost.earlier_networks > 0) {
    out += fmt::format("; earlier runs of this job asked for {} networks, {} s", grouped(cost.earlier_networks),
                       fixed(cost.earlier_program_seconds, 1));
  }
  return out + ".\n";
}

}  // namespace

std::string cost_text(const study::CodesignCost& cost, std::int64_t candidates) {
  const study::TrainingCost training{study::kGpuHoursPerTraining, study::kGpuWatts, candidates};
  return fmt::format(
             "\nThis run took {} CPU seconds: {} simulations, {} estimates, {} kWh at {} W a busy core. Training {} "
             "candidates "
             "for {} GPU hours each would take {} GPU-days, {} kWh at {} W; Zoph et al. (2018) took {}.\n",
             fixed(cost.cpu_seconds, 1), grouped(cost.simulations), grouped(cost.estimates), compact(cost.kwh()),
             record::csv_number(cost.watts), grouped(candidates), record::csv_number(training.gpu_hours_each),
             fixed(training.gpu_days(), 0), fixed(training.kwh(), 0), record::csv_number(training.gpu_watts),
             grouped(static_cast<std::int64_t>(study::kArticleGpuDays))) +
         accuracy_cost_text(cost.accuracy) + combined_cost_text(cost);
}

}  // namespace lanewise::report
