// SPDX-License-Identifier: Apache-2.0
// Whether a curated space is searched faster and more steadily than the space that it was curated from: the same search
// with the same options under the same seeds in both, everything simulated.
//   curated_search SPACE ENGINE [--seeds N] [--samples N] [--designs N] [--price P] [--start raw|best]
//                  [--algorithms NAME,…]      one pair, as JSON
//   curated_search --join FILE…               several pairs, judged
// The curated search begins where the curated file begins: at the raw default, with what stands for its values where
// they go. --start best begins at the best design that the curation met.
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "study/curation/landscape.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json steps_json(const nas::StepCounts& steps) {
  return {{"steps", steps.steps},
          {"rising", steps.rising},
          {"share", steps.share()},
          {"above_one_percent", steps.steep},
          {"worst", steps.worst}};
}

Json descents_json(const study::Descents& descents) {
  return {{"starts", descents.starts},
          {"distinct", descents.distinct},
          {"best_ms", descents.best_ms},
          {"above_best_median", descents.above_best.median},
          {"above_best_most", descents.above_best.most}};
}

Json space_json(const study::SpaceMeasures& space, const study::GridMeasures& grid) {
  Json by_gene = Json::object();
  for (const study::GeneSteps& gene : space.by_gene) by_gene[gene.gene] = steps_json(gene.steps);
  return {{"genotypes", space.designs},
          {"steps", steps_json(space.steps)},
          {"steps_of_the_figure", steps_json(grid.steps)},
          {"minima_of_the_figure", grid.minima},
          {"autocorrelation_length", number(space.latency.length)},
          {"autocorrelation_first_below", space.latency.first_below},
          {"autocorrelation_length_per_mac", number(space.latency_per_mac.length)},
          {"descents", descents_json(space.free)},
          {"descents_within_limits", descents_json(space.limited)},
          {"steps_by_gene", by_gene}};
}

Json side_json(const study::SearchSide& side) {
  Json ends = Json::array();
  for (const double best : side.best_ms) ends.push_back(number(best));
  return {{"median_samples", number(side.median_samples)},
          {"ninetieth_samples", number(side.ninetieth_samples)},
          {"failed_seeds", side.failed},
          {"median_samples_to_best_of_raw", number(side.median_samples_to_best)},
          {"failed_seeds_to_best_of_raw", side.failed_of_best},
          {"best_ms_median", side.best.median},
          {"best_ms_spread", side.best.relative()},
          {"samples", side.samples},
          {"best_ms", ends}};
}

Json pair_json(const std::string& space_name, const std::string& engine_name, const study::LandscapeOptions& options) {
  const nas::SpaceDescription description = nas::load_space("spaces/" + space_name + ".yaml");
  const std::string path = "hwconfigs/" + engine_name + ".yaml";
  nas::SpaceDescription offered = description;
  offered.engine = {};
  offered.engine.vary = nas::EngineSettings::Vary::kNone;
  const nas::Space space(offered, nas::make_network_space(offered, nullptr), engine::load_engine(path).config,
                         engine::load_family(path));
  const auto source = study::make_simulator();
  const study::Landscape found = study::landscape(offered, space, *source, options);
  Json out;
  out["space"] = space_name;
  out["engine"] = engine_name;
  out["source"] = record::to_string(found.source);
  out["simulated_subgraphs"] = found.measured;
  out["simulated_subgraphs_of_curation"] = found.curation_asked;
  out["designs_of_curation"] = found.curation.counts.designs;
  // The other start: the best design that the curation met, at which these searches do not begin.
  out["raw_start"] = found.curation.raw_start;
  out["best_start"] = found.curation.best_start;
  if (!found.curation.points.empty()) {
    const Cycles best(found.curation.points.front().size.cycles);
    out["best_design_of_curation"] = found.curation.points.front().encoding;
    out["best_design_of_curation_ms"] = space.engine(space.defaults()).seconds(best).count() * 1e3;
  }
  out["axes"] = {found.x.title, found.y.title};
  out["raw"] = space_json(found.raw, found.grid_raw);
  out["curated"] = space_json(found.curated, found.grid_curated);
  for (const study::SearchMeasures& search : found.searches) {
    out["searches"][search.algorithm] = {
        {"seeds", search.seeds},         {"samples", search.samples},
        {"target_ms", search.target_ms}, {"best_of_raw_ms", number(search.best_raw_ms)},
        {"raw", side_json(search.raw)},  {"curated", side_json(search.curated)}};
  }
  Json kept;
  for (const study::GeneChoices& gene : found.curation.genes) {
    Json values = Json::array();
    for (const study::Choice& choice : gene.choices) {
      if (choice.kept) values.push_back(choice.value);
    }
    if (values.size() < gene.choices.size()) kept[gene.gene] = values;
  }
  out["kept"] = kept;
  return out;
}

// What each pair and all of them together must show.
Json joined(const std::vector<std::string>& files) {
  constexpr double kHalf = 0.5, kTenth = 0.1;
  Json out;
  out["pairs"] = Json::array();
  bool half = true, tenth = true, none_failed = true;
  for (const std::string& file : files) {
    std::ifstream stream(file);
    Json pair = Json::parse(stream);
    const Json& search = pair["searches"][nas::algorithms().front().name];
    const Json& samples = search["curated"]["median_samples"];
    const double budget = search["samples"].get<double>();
    const double share = samples.is_null() ? INFINITY : samples.get<double>() / budget;
    const double raw = pair["raw"]["steps"]["share"].get<double>();
    const double curated = pair["curated"]["steps"]["share"].get<double>();
    pair["verdict"] = {{"samples_of_budget", number(share)},
                       {"rising_of_raw", raw > 0 ? curated / raw : 0},
                       {"failed_seeds", search["curated"]["failed_seeds"]}};
    half = half && share <= kHalf;
    tenth = tenth && curated <= kTenth * raw;
    none_failed = none_failed && search["curated"]["failed_seeds"] == 0;
    out["pairs"].push_back(std::move(pair));
  }
  out["at_most_half_the_samples"] = half;
  out["at_most_a_tenth_of_rising_steps"] = tenth;
  out["no_failed_seeds"] = none_failed;
  return out;
}

void print(const Json& all) {
  std::printf("%-28s %13s %13s %13s %11s %9s %9s\n", "space on engine", "rising raw", "curated", "samples", "of budget",
              "failed", "spread");
  const auto percent = [](const Json& share) { return 100 * share.get<double>(); };
  for (const Json& pair : all["pairs"]) {
    for (const auto& [name, search] : pair["searches"].items()) {
      const bool shipped = name == nas::algorithms().front().name;
      const std::string title = pair["space"].get<std::string>() + " on " + pair["engine"].get<std::string>();
      const Json& samples = search["curated"]["median_samples"];
      std::printf("%-28s %11.2f %% %11.2f %% %13s %9.1f %% %9d %3.1f/%3.1f %%  %s\n", shipped ? title.c_str() : "",
                  percent(pair["raw"]["steps"]["share"]), percent(pair["curated"]["steps"]["share"]),
                  samples.is_null() ? "-" : std::to_string(samples.get<double>()).substr(0, 6).c_str(),
                  samples.is_null() ? NAN : 100 * samples.get<double>() / search["samples"].get<double>(),
                  search["curated"]["failed_seeds"].get<int>(), percent(search["raw"]["best_ms_spread"]),
                  percent(search["curated"]["best_ms_spread"]), name.c_str());
    }
  }
}

int whole(const std::string& text) { return std::max(0, std::atoi(text.c_str())); }

}  // namespace

int main(int argc, char** argv) {
  try {
    study::LandscapeOptions options;
    options.samples = 100;
    options.designs = 100;
    options.descents = 4;
    options.threads = 1;
    std::vector<std::string> names;
    bool join = false;
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      const auto value = [&] {
        if (i + 1 >= argc) throw Error(argument + " needs a value");
        return std::string(argv[++i]);
      };
      if (argument == "--join") {
        join = true;
      } else if (argument == "--seeds") {
        options.seeds = whole(value());
      } else if (argument == "--samples") {
        options.samples = whole(value());
      } else if (argument == "--designs") {
        options.designs = whole(value());
      } else if (argument == "--walks") {
        options.walks = whole(value());
      } else if (argument == "--descents") {
        options.descents = whole(value());
      } else if (argument == "--price") {
        options.curation.price = std::atof(value().c_str());
      } else if (argument == "--start") {
        const std::string start = value();
        if (start != "raw" && start != "best") throw Error("--start must be raw or best, not '" + start + "'");
        options.curation.start = start == "best" ? study::CurationStart::kBest : study::CurationStart::kRaw;
      } else if (argument == "--algorithms") {
        std::istringstream list(value());
        for (std::string name; std::getline(list, name, ',');) options.algorithms.push_back(name);
      } else if (argument.rfind("--", 0) == 0) {
        throw Error("unknown argument '" + argument + "'");
      } else {
        names.push_back(argument);
      }
    }
    if (join) {
      const Json all = joined(names);
      print(all);
      std::ofstream("benchmarks/results/curated_search.json") << all.dump(2) << '\n';
      return 0;
    }
    if (names.size() != 2) throw Error("give a space and an engine, or --join and files");
    std::cout << pair_json(names[0], names[1], options).dump(2) << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: curated_search: " << error.what() << '\n';
    return 1;
  }
}
