// SPDX-License-Identifier: Apache-2.0
#include "study/curation/landscape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>

#include "core/base/error.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "nas/algorithms/candidate_inputs.hpp"
#include "nas/space/move_space.hpp"
#include "study/curation/curated_space.hpp"
#include "study/curation/landscape_axes.hpp"
#include "study/curation/landscape_pricing.hpp"
#include "study/curation/landscape_sampling.hpp"
#include "study/curation/landscape_search.hpp"

namespace lanewise::study {
namespace {

void check(const LandscapeOptions& options) {
  const auto expect = [](bool holds, const std::string& rule) {
    if (!holds) throw Error(rule);
  };
  expect(options.designs >= 0 && options.walks >= 0 && options.descents >= 0 && options.seeds >= 0,
         "numbers of designs, walks, descents and seeds must be 0 or more");
  expect(options.walk_steps >= 2, "a walk must have 2 steps or more");
  expect(options.samples >= 1, "a search must have a sample or more");
  expect(options.capacity >= 0 && options.capacity <= 1, "the capacity must be a share from 0 to 1");
  for (const std::string& algorithm : options.algorithms) nas::find_algorithm(algorithm);
}

std::size_t find_gene(const std::vector<nas::Gene>& genes, const std::string& name, const char* option) {
  std::vector<std::string> names;
  for (std::size_t g = 0; g < genes.size(); ++g) {
    if (genes[g].name == name) return g;
    names.push_back(genes[g].name);
  }
  throw Error(fmt::format("{}: '{}' must be a gene of the space's networks: {}", option, name, fmt::join(names, ", ")));
}

// What the values of a move stand for: channels of the stage's narrowest convolution, blocks that stay of a run.
struct MoveScale {
  double factor = 1, from = 0;
  std::string unit;
};
MoveScale scale_of(const nas::Space& space, const nas::Gene& gene) {
  const auto* const moves = dynamic_cast<const nas::MoveSpace*>(&space.network().topology());
  const auto is = [&](const char* kind) { return gene.name.rfind(kind, 0) == 0; };
  if (moves != nullptr && is("depth_multiplier.")) {
    const network::Graph graph = space.graph(space.defaults());
    for (const network::Stage& stage : moves->sites().stages) {
      if ("depth_multiplier." + stage.name != gene.name) continue;
      const auto channels = static_cast<double>(narrowest_channels(graph, stage.height, stage.width));
      if (channels > 0) return {channels, 0, "channels"};
    }
  }
  if (moves != nullptr && is("drop.")) return {-1, static_cast<double>(gene.values.size()), "blocks"};
  const auto ends = [&](const std::string& end) {
    return gene.name.size() >= end.size() && gene.name.compare(gene.name.size() - end.size(), end.size(), end) == 0;
  };
  return {1, 0, ends("channels") ? "channels" : ends("repeats") ? "blocks" : ""};
}

LandscapeAxis make_axis(const nas::Space& space, const std::vector<std::vector<int>>& kept, const std::string& name,
                        const char* option, const std::string& all_of) {
  const std::vector<nas::Gene>& genes = space.network().genes();
  LandscapeAxis axis;
  axis.title = name;
  for (std::size_t g = 0; g < genes.size() && name == kAllGenes; ++g) {
    if (genes[g].name.rfind(all_of, 0) == 0) axis.genes.push_back(g);
  }
  if (name != kAllGenes) axis.genes.push_back(find_gene(genes, name, option));
  if (axis.genes.empty()) throw Error(fmt::format("{} all: the space has no genes '{}…'", option, all_of));
  const bool several = axis.genes.size() > 1;
  if (several) axis.title = all_of.substr(0, all_of.size() - 1) + " of all";
  std::size_t longest = axis.genes.front();  // runs may differ in length: each goes as far as it can
  for (const std::size_t g : axis.genes) {
    if (genes[g].values.size() > genes[longest].values.size()) longest = g;
  }
  const nas::Gene& gene = genes[longest];
  if (nas::positions_of(gene.values).empty()) {
    throw Error(fmt::format("{}: the values of '{}' are {}: an axis needs numbers, two of them or more", option,
                            gene.name, fmt::join(gene.values, ", ")));
  }
  MoveScale scale = several ? MoveScale{} : scale_of(space, gene);
  if (several && all_of == "drop.") scale = {-1, static_cast<double>(gene.values.size()), "blocks"};
  axis.unit = scale.unit;
  std::vector<std::pair<double, int>> places;
  for (std::size_t v = 0; v < gene.values.size(); ++v) {
    const double number = scale.from + scale.factor * std::strtod(gene.values[v].c_str(), nullptr);
    // The text of a multiplier has fewer digits than the multiplier.
    const double exact = scale.unit == "channels" && scale.factor != 1 ? std::round(number) : number;
    places.emplace_back(exact, static_cast<int>(v));
  }
  std::sort(places.begin(), places.end());
  for (const auto& [number, value] : places) {
    axis.numbers.push_back(number);
    axis.values.push_back(value);
    axis.texts.push_back(gene.values[static_cast<std::size_t>(value)]);
    axis.kept.push_back(std::all_of(axis.genes.begin(), axis.genes.end(), [&](std::size_t g) {
      const int own = std::min(value, static_cast<int>(genes[g].values.size()) - 1);
      return std::find(kept[g].begin(), kept[g].end(), own) != kept[g].end();
    }));
  }
  return axis;
}

void set(const nas::Space& space, const LandscapeAxis& axis, std::size_t place, nas::Genotype& genotype) {
  for (const std::size_t g : axis.genes) {
    genotype[g] = std::min(axis.values[place], static_cast<int>(space.genes()[g].values.size()) - 1);
  }
}

void price_figure(LandscapePricing& pricing, Landscape& out) {
  const nas::Space& space = pricing.space();
  std::vector<nas::Genotype> designs;
  for (std::size_t row = 0; row < out.y.values.size(); ++row) {
    for (std::size_t column = 0; column < out.x.values.size(); ++column) {
      nas::Genotype genotype = space.defaults();
      set(space, out.x, column, genotype);
      set(space, out.y, row, genotype);
      designs.push_back(space.canonical(genotype));
    }
  }
  const std::vector<const DesignPrice*> prices = pricing.price(designs, "figure");
  const double ms_a_cycle = space.engine(space.defaults()).seconds(Cycles(1)).count() * 1e3;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    LandscapePoint point;
    point.column = i % out.x.values.size();
    point.row = i / out.x.values.size();
    point.encoding = space.encode(designs[i]);
    point.curated = out.x.kept[point.column] && out.y.kept[point.row];
    point.failure = prices[i]->failure;
    point.macs = std::llround(prices[i]->macs);
    point.parameters = std::llround(prices[i]->parameters);
    point.latency_ms = prices[i]->latency_ms;
    point.latency_cycles = std::llround(prices[i]->latency_ms / ms_a_cycle);
    out.points.push_back(std::move(point));
  }
}

// Of the columns and rows that `curated` leaves.
GridMeasures measure_grid(const Landscape& landscape, bool curated) {
  std::vector<std::size_t> columns, rows;
  for (std::size_t i = 0; i < landscape.x.kept.size(); ++i) {
    if (!curated || landscape.x.kept[i]) columns.push_back(i);
  }
  for (std::size_t i = 0; i < landscape.y.kept.size(); ++i) {
    if (!curated || landscape.y.kept[i]) rows.push_back(i);
  }
  std::vector<double> latency, macs;
  GridMeasures out;
  for (const std::size_t row : rows) {
    for (const std::size_t column : columns) {
      const LandscapePoint& point = landscape.points[row * landscape.x.values.size() + column];
      const bool runs = point.failure.empty();
      if (runs) ++out.points;
      latency.push_back(runs ? point.latency_ms : std::nan(""));
      macs.push_back(runs ? static_cast<double>(point.macs) : std::nan(""));
    }
  }
  const nas::Adjacency neighbours = nas::grid_neighbours(columns.size(), rows.size());
  for (std::size_t a = 0; a < latency.size(); ++a) {
    for (const std::size_t b : neighbours[a]) {
      if (a < b && !std::isnan(latency[a]) && !std::isnan(latency[b])) {
        nas::count_step(macs[a], latency[a], macs[b], latency[b], out.steps);
      }
    }
  }
  out.minima = static_cast<std::int64_t>(nas::local_minima(latency, neighbours).size());
  out.minima_by_macs = static_cast<std::int64_t>(nas::local_minima(macs, neighbours).size());
  return out;
}

// What constrains the searches: the space's own constraint, or the share of the options where it has none.
nas::AccuracySettings constraint_of(const nas::SpaceDescription& description, const LandscapeOptions& options) {
  if (description.accuracy.oracle == "capacity" && !description.accuracy.numbers.empty()) return description.accuracy;
  nas::AccuracySettings settings;
  settings.numbers = {{"parameters", options.capacity}, {"macs", options.capacity}};
  return settings;
}

Curation curate_for(const nas::SpaceDescription& description, const nas::Space& space, MeasurementSource& source,
                    const LandscapeOptions& options, const Progress& progress) {
  nas::SpaceDescription constrained = description;
  constrained.accuracy = constraint_of(description, options);
  const CapacityShares shares = capacity_shares(constrained, space);
  CurationOptions wanted = options.curation;
  wanted.least_macs = shares.macs;
  wanted.least_parameters = shares.parameters;
  if (options.as_file) wanted.keep_default = genes_with_fixed_default(description, space);
  Curation out = curate(space, source, wanted, progress);
  if (options.as_file) fit_to_file(description, out);
  return out;
}

}  // namespace

Landscape landscape(const nas::SpaceDescription& description, const nas::Space& space, MeasurementSource& source,
                    const LandscapeOptions& given, const Progress& progress) {
  LandscapeOptions options = given;
  if (options.algorithms.empty()) options.algorithms = {nas::algorithms().front().name};
  check(options);
  LandscapePricing pricing(space, source, progress);
  const DesignPrice baseline = pricing.price(space.defaults());
  if (!baseline.runs()) throw Error(baseline.failure);
  if (options.x.empty() || options.y.empty()) {
    const AxisNames names = default_axes(space, source);
    if (options.x.empty()) options.x = names.x;
    if (options.y.empty()) options.y = names.y;
  }
  const std::vector<std::vector<int>> every = nas::all_values(space.genes(), space.network_genes());
  // Refuses axes before anything takes long.
  if (make_axis(space, every, options.x, "--x", "depth_multiplier.").genes ==
      make_axis(space, every, options.y, "--y", "drop.").genes) {
    throw Error(fmt::format("--x and --y: '{}' cannot be both", options.x));
  }
  Landscape out;
  out.space = description.name;
  out.engine = space.engines().base().name;
  out.identity = engine::identity_of(space.engines().base());
  out.source = source.source();
  out.seed = options.seed;
  const std::size_t before = source.measured();
  out.curation = curate_for(description, space, source, options, progress);
  out.curation_asked = static_cast<std::int64_t>(source.measured() - before);
  std::vector<std::vector<int>> kept = out.curation.kept();
  nas::Genotype defaults = out.curation.defaults();
  for (std::size_t g = space.network_genes(); g < kept.size(); ++g) kept[g] = {0}, defaults[g] = 0;
  out.x = make_axis(space, kept, options.x, "--x", "depth_multiplier.");
  out.y = make_axis(space, kept, options.y, "--y", "drop.");
  price_figure(pricing, out);
  out.grid_raw = measure_grid(out, false);
  out.grid_curated = measure_grid(out, true);
  const std::unique_ptr<nas::AccuracyOracle> quality = nas::make_accuracy_oracle(
      constraint_of(description, options), {std::llround(baseline.macs), std::llround(baseline.parameters)});
  out.quality = quality->name();
  LandscapePricing judged(space, source, progress);
  judged.judge_by(*quality);
  out.raw = sample_space(judged, every, options, "raw");
  out.curated = sample_space(judged, kept, options, "curated");
  if (options.seeds > 0) out.searches = search_both(judged, *quality, every, kept, defaults, options);
  out.measured = static_cast<std::int64_t>(source.measured());
  return out;
}

}  // namespace lanewise::study
