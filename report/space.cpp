// SPDX-License-Identifier: Apache-2.0
#include "report/space.hpp"

#include <fmt/format.h>

#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

double designs(const nas::Space& space) {
  double count = 1;
  for (const nas::Gene& gene : space.genes()) count *= static_cast<double>(gene.values.size());
  return count;
}

const char* part(const SpaceView& view, std::size_t gene) {
  return gene < view.space->network_genes() ? "network" : "engine";
}

const std::string& value(const SpaceView& view, std::size_t gene) {
  return view.space->genes()[gene].values[static_cast<std::size_t>(view.genotype[gene])];
}

bool matters(const SpaceView& view, std::size_t gene) {
  nas::Genotype other = view.genotype;
  const auto count = static_cast<int>(view.space->genes()[gene].values.size());
  other[gene] = (other[gene] + 1) % count;
  return view.space->canonical(other) != view.genotype;
}

// Whole while a double tells whole numbers apart.
std::string count_text(double count) {
  constexpr double kExact = 1e15;
  return count < kExact ? grouped(static_cast<std::int64_t>(count)) : fmt::format("{:.3g}", count);
}

}  // namespace

std::string to_json(const SpaceView& view) {
  Json genes = Json::array();
  for (std::size_t i = 0; i < view.genotype.size(); ++i) {
    const nas::Gene& gene = view.space->genes()[i];
    genes.push_back({{"name", gene.name},
                     {"part", part(view, i)},
                     {"values", gene.values},
                     {"value", value(view, i)},
                     {"matters", matters(view, i)}});
  }
  const auto optional = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return dump({{"space", view.name},
               {"network", optional(view.network)},
               {"engine", optional(view.engine)},
               {"encoding", view.space->encode(view.genotype)},
               {"designs", designs(*view.space)},
               {"genes", genes},
               {"left_out", view.space->left_out()}});
}

std::string to_csv(const SpaceView& view) {
  std::string out = "gene,part,value,matters,values\n";
  for (std::size_t i = 0; i < view.genotype.size(); ++i) {
    const nas::Gene& gene = view.space->genes()[i];
    out += record::csv_line({gene.name, part(view, i), value(view, i), matters(view, i) ? "true" : "false",
                             fmt::format("{}", fmt::join(gene.values, ";"))});
  }
  return out;
}

std::string to_text(const SpaceView& view) {
  using Align = Table::Align;
  std::string out =
      fmt::format("{}: {} genes, {} genotypes\n\n", view.name, view.genotype.size(), count_text(designs(*view.space)));
  const auto line = [&](const char* label, const std::string& text) {
    if (!text.empty()) out += fmt::format("  {:<10} {}\n", label, text);
  };
  line("network", view.network);
  line("engine", view.engine);
  line("encoding", view.space->encode(view.genotype));
  if (!view.genotype.empty()) {
    Table table({{"gene", Align::kLeft}, {"value", Align::kLeft}, {"values, the default first", Align::kLeft}});
    for (std::size_t i = 0; i < view.genotype.size(); ++i) {
      const nas::Gene& gene = view.space->genes()[i];
      table.add({gene.name, matters(view, i) ? value(view, i) : "-", fmt::format("{}", fmt::join(gene.values, ", "))});
    }
    out += "\n" + table.text();
  }
  if (!view.space->left_out().empty()) {
    out += "\nleft out:\n";
    for (const std::string& text : view.space->left_out()) out += "  " + text + "\n";
  }
  return out;
}

}  // namespace lanewise::report
