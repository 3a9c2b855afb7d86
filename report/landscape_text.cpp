// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/landscape.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string percent(double share, int digits = 1) { return fixed(100 * share, digits) + " %"; }

std::string steps_text(const nas::StepCounts& steps) {
  if (steps.steps == 0) return "-";
  return fmt::format("{} ({} of {})", percent(steps.share(), 2), grouped(steps.rising), grouped(steps.steps));
}

std::string genotypes_text(double count) {
  constexpr double kExact = 1e15;
  return count < kExact ? grouped(static_cast<std::int64_t>(count)) : fmt::format("{:.3g}", count);
}

std::string length_text(const nas::Autocorrelation& walks) {
  if (walks.by_lag.empty()) return "-";
  return std::isfinite(walks.length) ? fixed(walks.length, 1) : "endless";
}

std::string lag_text(const nas::Autocorrelation& walks) {
  if (walks.by_lag.empty()) return "-";
  return walks.first_below > 0 ? grouped(walks.first_below) : fmt::format("above {}", walks.by_lag.size() - 1);
}

std::string minima_text(const study::Descents& descents) {
  if (descents.end_ms.empty()) return "-";
  return fmt::format("{} of {}", grouped(descents.distinct),
                     grouped(static_cast<std::int64_t>(descents.end_ms.size())));
}

std::string above_text(const study::Descents& descents) {
  if (descents.end_ms.empty()) return "-";
  return fmt::format("{}, {}", percent(descents.above_best.median), percent(descents.above_best.most));
}

std::string samples_text(double samples) { return std::isfinite(samples) ? fixed(samples, 1) : "never"; }

std::string measures_text(const study::Landscape& l) {
  Table table({{"measure", Align::kLeft}, {"raw"}, {"curated"}});
  table.add({"genotypes", genotypes_text(l.raw.designs), genotypes_text(l.curated.designs)});
  table.add({"figure: points", grouped(l.grid_raw.points), grouped(l.grid_curated.points)});
  table.add({"figure: steps that raise the cost while FLOPs fall", steps_text(l.grid_raw.steps),
             steps_text(l.grid_curated.steps)});
  table.add({"figure: local minima of latency", grouped(l.grid_raw.minima), grouped(l.grid_curated.minima)});
  table.add(
      {"figure: local minima of FLOPs", grouped(l.grid_raw.minima_by_macs), grouped(l.grid_curated.minima_by_macs)});
  if (l.raw.sampled > 0) {
    table.add(
        {"space: steps that raise the cost while FLOPs fall", steps_text(l.raw.steps), steps_text(l.curated.steps)});
    table.add(
        {"space: by more than 1 %", percent(l.raw.steps.steep_share(), 2), percent(l.curated.steps.steep_share(), 2)});
    table.add({"space: worst such step", percent(l.raw.steps.worst), percent(l.curated.steps.worst)});
  }
  const auto walks = [&](const char* of, const nas::Autocorrelation& raw, const nas::Autocorrelation& curated) {
    table.add(
        {fmt::format("walks: autocorrelation length of {}, -1/ln rho(1)", of), length_text(raw), length_text(curated)});
    table.add({fmt::format("walks: first lag of {} below 1/e", of), lag_text(raw), lag_text(curated)});
  };
  if (!l.raw.latency.by_lag.empty() || !l.curated.latency.by_lag.empty()) {
    walks("latency", l.raw.latency, l.curated.latency);
    walks("latency per FLOP", l.raw.latency_per_mac, l.curated.latency_per_mac);
  }
  const auto descents = [&](const char* of, const study::Descents& raw, const study::Descents& curated) {
    if (raw.starts == 0) return;
    table.add({fmt::format("descents{}: distinct minima", of), minima_text(raw), minima_text(curated)});
    table.add(
        {fmt::format("descents{}: end above the best, median and most", of), above_text(raw), above_text(curated)});
  };
  descents("", l.raw.free, l.curated.free);
  descents(" within capacity", l.raw.limited, l.curated.limited);
  return table.text();
}

std::string searches_text(const study::Landscape& l) {
  Table table({{"search", Align::kLeft},
               {"space", Align::kLeft},
               {"samples to target"},
               {"of budget"},
               {"90th percentile"},
               {"failed seeds"},
               {"best ms, median"},
               {"spread"}});
  for (const study::SearchMeasures& search : l.searches) {
    const auto add = [&](const char* name, const study::SearchSide& side, const std::string& title) {
      table.add({title, name, samples_text(side.median_samples),
                 std::isfinite(side.median_samples) ? percent(side.median_samples / static_cast<double>(search.samples))
                                                    : "-",
                 samples_text(side.ninetieth_samples), fmt::format("{} of {}", side.failed, search.seeds),
                 fixed(side.best.median, 4), percent(side.best.relative(), 2)});
    };
    add("raw", search.raw, search.algorithm);
    add("curated", search.curated, "");
  }
  return table.text();
}

// The genes by which most of the rising steps of either space come.
std::string genes_text(const study::Landscape& l) {
  constexpr std::size_t kShown = 10;
  std::vector<study::GeneSteps> genes = l.raw.by_gene;
  genes.erase(std::remove_if(genes.begin(), genes.end(), [](const auto& g) { return g.steps.rising == 0; }),
              genes.end());
  if (genes.empty()) return "";
  std::stable_sort(genes.begin(), genes.end(),
                   [](const auto& a, const auto& b) { return a.steps.rising > b.steps.rising; });
  if (genes.size() > kShown) genes.resize(kShown);
  Table table({{"gene", Align::kLeft}, {"rising steps, raw"}, {"curated"}, {"values, raw"}, {"curated"}});
  for (const study::GeneSteps& gene : genes) {
    std::string curated = "-";
    for (const study::GeneSteps& other : l.curated.by_gene) {
      if (other.gene == gene.gene) curated = steps_text(other.steps);
    }
    std::size_t values = 0, kept = 0;
    for (const study::GeneChoices& choices : l.curation.genes) {
      if (choices.gene != gene.gene) continue;
      values = choices.choices.size();
      for (const study::Choice& choice : choices.choices) kept += choice.kept ? 1 : 0;
    }
    table.add({gene.gene, steps_text(gene.steps), curated, fmt::format("{}", values), fmt::format("{}", kept)});
  }
  return "\nGenes with the most rising steps\n" + table.text();
}

std::string axis_text(const study::LandscapeAxis& axis) {
  const auto kept = std::count(axis.kept.begin(), axis.kept.end(), true);
  return fmt::format("{} ({} values, {} kept)", axis.title, axis.values.size(), kept);
}

}  // namespace

std::string to_text(const study::Landscape& landscape) {
  std::string out = fmt::format("Landscape of {} on {}, {}\n", landscape.space,
                                landscape.identity.title(landscape.engine), record::to_string(landscape.source));
  out += fmt::format("figure over {} and {}\n", axis_text(landscape.x), axis_text(landscape.y));
  out += fmt::format(
      "{} distinct subgraphs {}, {} of them first asked for by the curation\n", grouped(landscape.measured),
      landscape.source == record::Source::kSimulated ? "simulated" : "estimated", grouped(landscape.curation_asked));
  if (landscape.raw.cannot_run + landscape.curated.cannot_run > 0) {
    out += fmt::format("{} sampled designs of the raw and {} of the curated space cannot run and count nowhere\n",
                       grouped(landscape.raw.cannot_run), grouped(landscape.curated.cannot_run));
  }
  out += "\n" + measures_text(landscape) + genes_text(landscape);
  if (landscape.searches.empty()) return out;
  const study::SearchMeasures& first = landscape.searches.front();
  out += fmt::format("\nSearches for the least latency under {}: {} seeds of {} samples in each space\n",
                     landscape.quality, first.seeds, grouped(first.samples));
  for (const study::SearchMeasures& search : landscape.searches) {
    out += fmt::format("target of {}: {} ms, the median of what the raw space gave in the end\n", search.algorithm,
                       std::isfinite(search.target_ms) ? fixed(search.target_ms, 4) : "none");
  }
  return out + searches_text(landscape);
}

}  // namespace lanewise::report
