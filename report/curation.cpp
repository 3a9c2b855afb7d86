// SPDX-License-Identifier: Apache-2.0
#include "report/curation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using study::Choice;
using study::GeneChoices;

std::size_t kept_of(const GeneChoices& gene) {
  return static_cast<std::size_t>(
      std::count_if(gene.choices.begin(), gene.choices.end(), [](const Choice& choice) { return choice.kept; }));
}

// How many genotypes there are; with `kept` of the values that are.
double designs_of(const study::Curation& curation, bool kept) {
  double count = 1;
  for (const GeneChoices& gene : curation.genes) {
    count *= static_cast<double>(kept ? kept_of(gene) : gene.choices.size());
  }
  return count;
}

std::string designs_text(double count) {
  constexpr double kExact = 1e15;
  return count < kExact ? grouped(static_cast<std::int64_t>(count)) : fmt::format("{:.3g}", count);
}

const std::string& text_of(const GeneChoices& gene, int value) {
  return gene.choices[static_cast<std::size_t>(value)].value;
}

Json json_of(const GeneChoices& gene) {
  Json choices = Json::array();
  for (const Choice& choice : gene.choices) {
    Json one = {{"value", choice.value}, {"kept", choice.kept}, {"reason", choice.reason}};
    one["dominated_by"] = choice.dominator < 0 ? Json(nullptr) : Json(text_of(gene, choice.dominator));
    one["traded"] = choice.traded;
    if (choice.traded) one["regret"] = choice.regret;
    one["contexts"] = choice.contexts;
    one["favourable"] = choice.favourable;
    one["asked"] = choice.asked;
    one["cycles"] = choice.size.cycles;
    one["macs"] = choice.size.macs;
    one["parameters"] = choice.size.parameters;
    choices.push_back(one);
  }
  return {{"gene", gene.gene},
          {"default", text_of(gene, gene.default_value)},
          {"raw_start", text_of(gene, gene.raw_value)},
          {"best_start", text_of(gene, gene.best_value)},
          {"left_as_it_is", gene.left_as_it_is.empty() ? Json(nullptr) : Json(gene.left_as_it_is)},
          {"choices", choices}};
}

}  // namespace

std::string to_json(const CurationView& view) {
  const study::Curation& curation = *view.curation;
  Json genes = Json::array();
  for (const GeneChoices& gene : curation.genes) genes.push_back(json_of(gene));
  Json points = Json::array();
  for (const study::CurationPoint& point : curation.points) {
    points.push_back({{"encoding", point.encoding},
                      {"cycles", point.size.cycles},
                      {"macs", point.size.macs},
                      {"parameters", point.size.parameters},
                      {"cycles_per_mac", point.cycles_per_mac},
                      {"cycles_per_parameter", point.cycles_per_parameter}});
  }
  const auto optional = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return dump({{"space", view.space},
               {"network", optional(view.network)},
               {"engine", view.engine},
               {"engine_hash", view.identity.hash},
               {"source", view.source},
               {"price", view.options.price},
               {"regret", std::isfinite(view.options.regret) ? Json(view.options.regret) : Json(nullptr)},
               {"start", view.options.start == study::CurationStart::kBest ? "best" : "raw"},
               {"contexts", view.options.contexts},
               {"seed", view.options.seed},
               {"designs", designs_of(curation, false)},
               {"designs_kept", designs_of(curation, true)},
               {"counts",
                {{"values", curation.counts.values},
                 {"asked", curation.counts.asked},
                 {"designs", curation.counts.designs},
                 {"subgraphs", curation.counts.subgraphs},
                 {"passes", curation.counts.passes}}},
               {"points", points},
               {"raw_start", curation.raw_start},
               {"best_start", curation.best_start},
               {"note", optional(view.note)},
               {"genes", genes}});
}

std::string to_csv(const CurationView& view) {
  std::string text = record::csv_line({"gene", "value", "kept", "default", "dominated_by", "contexts", "favourable",
                                       "cycles", "macs", "parameters", "reason"});
  const auto flag = [](bool is) { return std::string(is ? "true" : "false"); };
  for (const GeneChoices& gene : view.curation->genes) {
    for (std::size_t v = 0; v < gene.choices.size(); ++v) {
      const Choice& choice = gene.choices[v];
      text += record::csv_line(
          {gene.gene, choice.value, flag(choice.kept), flag(static_cast<int>(v) == gene.default_value),
           choice.dominator < 0 ? "" : text_of(gene, choice.dominator), std::to_string(choice.contexts),
           std::to_string(choice.favourable), std::to_string(choice.size.cycles), std::to_string(choice.size.macs),
           std::to_string(choice.size.parameters), choice.reason});
    }
  }
  return text;
}

std::string to_text(const CurationView& view) {
  const study::Curation& curation = *view.curation;
  std::string text = fmt::format("{}{} on {}, {}\n\n", view.space, view.network.empty() ? "" : " of " + view.network,
                                 view.identity.title(view.engine), view.source);
  for (const GeneChoices& gene : curation.genes) {
    if (!gene.left_as_it_is.empty()) {
      text += fmt::format("{}: {}\n", gene.gene, gene.left_as_it_is);
      continue;
    }
    text += fmt::format("{}: {} of {} values\n", gene.gene, kept_of(gene), gene.choices.size());
    std::size_t width = 0;
    for (const Choice& choice : gene.choices) width = std::max(width, choice.value.size());
    for (std::size_t v = 0; v < gene.choices.size(); ++v) {
      const Choice& choice = gene.choices[v];
      text += fmt::format("  {} {:{}}  {}{}\n", choice.kept ? "keep" : "drop", choice.value, width, choice.reason,
                          static_cast<int>(v) == gene.default_value ? " (default)" : "");
    }
  }
  const study::CurationCounts& counts = curation.counts;
  text += fmt::format(
      "\n{} designs, of which {} are kept.\n{} of {} values in {} passes were priced: {} networks, {} different "
      "subgraphs.\n",
      designs_text(designs_of(curation, false)), designs_text(designs_of(curation, true)), grouped(counts.asked),
      grouped(counts.values), counts.passes, grouped(counts.designs), grouped(counts.subgraphs));
  if (!curation.points.empty()) {
    const study::CurationPoint& best = curation.points.front();
    text += fmt::format(
        "The best design that trades met is {}: {} cycles, {} MACs, {} parameters, where 1000 MACs are worth {} cycles "
        "and 1000 parameters {}.\n",
        best.encoding, grouped(best.size.cycles), grouped(best.size.macs), grouped(best.size.parameters),
        compact(1000 * best.cycles_per_mac), compact(1000 * best.cycles_per_parameter));
  }
  if (view.options.start == study::CurationStart::kBest) {
    text += fmt::format("A search begins at {}.\n", curation.best_start);
  } else {
    text += fmt::format("A search begins at {}{}.\n", curation.raw_start,
                        curation.points.empty() ? "" : fmt::format("; with --start best at {}", curation.best_start));
  }
  if (!view.note.empty()) text += view.note + "\n";
  return text;
}

}  // namespace lanewise::report
