// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/landscape.hpp"

namespace lanewise::report {
namespace {

// null where it is not finite: a walk that never forgets, searches of which half failed.
Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json steps_json(const nas::StepCounts& steps) {
  return {{"steps", steps.steps},
          {"rising", steps.rising},
          {"share", steps.share()},
          {"rising_by_more_than_one_percent", steps.steep},
          {"worst_rise_percent", 100 * steps.worst},
          {"equal_macs", steps.level}};
}

Json spread_json(const nas::Spread& spread) {
  return {{"least", spread.least},
          {"tenth", spread.tenth},
          {"median", spread.median},
          {"ninetieth", spread.ninetieth},
          {"most", spread.most},
          {"mean", spread.mean},
          {"standard_deviation", spread.deviation}};
}

Json axis_json(const study::LandscapeAxis& axis) {
  return {{"gene", axis.title},
          {"unit", axis.unit.empty() ? Json(nullptr) : Json(axis.unit)},
          {"values", axis.texts},
          {"numbers", axis.numbers},
          {"kept", axis.kept}};
}

Json point_json(const study::Landscape& landscape, const study::LandscapePoint& point) {
  const bool runs = point.failure.empty();
  const auto known = [&](auto value) { return runs ? Json(value) : Json(nullptr); };
  return {{"channels", landscape.x.numbers[point.column]},
          {"depth", landscape.y.numbers[point.row]},
          {"encoding", point.encoding},
          {"macs", known(point.macs)},
          {"parameters", known(point.parameters)},
          {"latency_cycles", known(point.latency_cycles)},
          {"latency_ms", known(point.latency_ms)},
          {"curated", point.curated},
          {"failure", runs ? Json(nullptr) : Json(point.failure)}};
}

Json grid_json(const study::GridMeasures& grid) {
  return {{"points", grid.points},
          {"rising_steps", steps_json(grid.steps)},
          {"local_minima", grid.minima},
          {"local_minima_by_macs", grid.minima_by_macs}};
}

Json autocorrelation_json(const nas::Autocorrelation& walks) {
  return {{"length", finite(walks.length)},
          {"first_lag_below_1_over_e", walks.first_below > 0 ? Json(walks.first_below) : Json(nullptr)},
          {"by_lag", walks.by_lag}};
}

Json descents_json(const study::Descents& descents) {
  return {{"starts", descents.starts},
          {"ended_within_limits", descents.end_ms.size()},
          {"distinct_minima", descents.distinct},
          {"best_latency_ms", descents.best_ms},
          {"reached_the_best", descents.best_reached},
          {"above_best", spread_json(descents.above_best)},
          {"end_latency_ms", descents.end_ms}};
}

Json space_json(const study::SpaceMeasures& space) {
  Json genes = Json::array();
  for (const study::GeneSteps& gene : space.by_gene) {
    genes.push_back({{"gene", gene.gene}, {"rising_steps", steps_json(gene.steps)}});
  }
  return {{"genotypes", space.designs},
          {"sampled_designs", space.sampled},
          {"cannot_run", space.cannot_run},
          {"rising_steps", steps_json(space.steps)},
          {"rising_steps_by_gene", genes},
          {"autocorrelation", autocorrelation_json(space.latency)},
          {"autocorrelation_of_latency_per_mac", autocorrelation_json(space.latency_per_mac)},
          {"descents", descents_json(space.free)},
          {"descents_within_capacity", descents_json(space.limited)}};
}

Json side_json(const study::SearchSide& side) {
  Json samples = Json::array(), best = Json::array();
  for (const std::int64_t taken : side.samples) samples.push_back(taken > 0 ? Json(taken) : Json(nullptr));
  for (const double end : side.best_ms) best.push_back(finite(end));
  return {{"median_samples_to_target", finite(side.median_samples)},
          {"ninetieth_samples_to_target", finite(side.ninetieth_samples)},
          {"failed_seeds", side.failed},
          {"failed_share", side.failed_share()},
          {"median_samples_to_best_of_raw", finite(side.median_samples_to_best)},
          {"failed_seeds_to_best_of_raw", side.failed_of_best},
          {"best_latency_ms", spread_json(side.best)},
          {"relative_spread", side.best.relative()},
          {"samples_to_target", samples},
          {"best_latency_ms_by_seed", best}};
}

Json search_json(const study::SearchMeasures& search) {
  return {{"algorithm", search.algorithm},
          {"seeds", search.seeds},
          {"samples", search.samples},
          {"target_ms", finite(search.target_ms)},
          {"best_of_raw_ms", finite(search.best_raw_ms)},
          {"raw", side_json(search.raw)},
          {"curated", side_json(search.curated)}};
}

Json curation_json(const study::Curation& curation) {
  Json genes = Json::array();
  for (const study::GeneChoices& gene : curation.genes) {
    Json kept = Json::array(), gone = Json::array();
    for (const study::Choice& choice : gene.choices) (choice.kept ? kept : gone).push_back(choice.value);
    genes.push_back({{"gene", gene.gene}, {"kept", kept}, {"removed", gone}});
  }
  return genes;
}

}  // namespace

std::string to_json(const study::Landscape& landscape) {
  Json out;
  out["space"] = landscape.space;
  out["engine"] = landscape.engine;
  add_identity(out, landscape.identity);
  out["source"] = record::to_string(landscape.source);
  out["seed"] = landscape.seed;
  out["distinct_subgraphs"] = landscape.measured;
  out["distinct_subgraphs_of_curation"] = landscape.curation_asked;
  out["quality"] = landscape.quality;
  out["x"] = axis_json(landscape.x);
  out["y"] = axis_json(landscape.y);
  out["points"] = Json::array();
  for (const study::LandscapePoint& point : landscape.points) out["points"].push_back(point_json(landscape, point));
  out["figure"] = {{"raw", grid_json(landscape.grid_raw)}, {"curated", grid_json(landscape.grid_curated)}};
  out["raw"] = space_json(landscape.raw);
  out["curated"] = space_json(landscape.curated);
  out["searches"] = Json::array();
  for (const study::SearchMeasures& search : landscape.searches) out["searches"].push_back(search_json(search));
  out["curation"] = curation_json(landscape.curation);
  return dump(out);
}

std::string to_csv(const study::Landscape& landscape) {
  std::string out = record::csv_line({"channels", "depth", "x_gene", "x_value", "y_gene", "y_value", "macs",
                                      "parameters", "latency_cycles", "latency_ms", "source", "curated", "engine",
                                      "engine_overrides", "engine_hash", "encoding", "failure"});
  for (const study::LandscapePoint& point : landscape.points) {
    const bool runs = point.failure.empty();
    const auto whole = [&](std::int64_t value) { return runs ? fmt::format("{}", value) : std::string(); };
    out += record::csv_line({record::csv_number(landscape.x.numbers[point.column]),
                             record::csv_number(landscape.y.numbers[point.row]), landscape.x.title,
                             landscape.x.texts[point.column], landscape.y.title, landscape.y.texts[point.row],
                             whole(point.macs), whole(point.parameters), whole(point.latency_cycles),
                             runs ? record::csv_number(point.latency_ms) : "", record::to_string(landscape.source),
                             point.curated ? "yes" : "no", landscape.engine, landscape.identity.overrides_text(),
                             landscape.identity.hash, point.encoding, point.failure});
  }
  return out;
}

}  // namespace lanewise::report
