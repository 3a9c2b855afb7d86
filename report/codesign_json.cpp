// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "core/base/error.hpp"
#include "report/codesign.hpp"
#include "report/codesign_combined.hpp"
#include "report/json.hpp"
#include "report/table.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::report {
namespace {

Json missed_json(const std::vector<study::LimitMiss>& missed) {
  Json out = Json::array();
  for (const study::LimitMiss& miss : missed) {
    out.push_back({{"limit", miss.limit},
                   {"bound", miss.bound},
                   {"value", miss.value},
                   {"by", miss.simulated ? "simulation" : "prediction"}});
  }
  return out;
}

Json design_json(const study::Design& design) {
  Json genes = Json::object();
  for (const auto& [name, value] : design.genes) genes[name] = value;
  Json json = {{"engine_hash", design.engine_hash},
               {"genes", genes},
               {"fused_blocks", design.fused_blocks},
               {"predicted", totals_json(design.predicted)},
               {"simulated", design.is_simulated && design.failure.empty() ? totals_json(design.simulated) : Json()},
               {"error_percent", design.error_percent()},
               {"energy_error_percent", design.energy_error_percent()},
               {"trained_on_percent", design.trained_on_percent ? Json(*design.trained_on_percent) : Json()},
               {"encoding", design.encoding},
               {"accuracy", design.accuracy ? Json(*design.accuracy) : Json()},
               {"missed_limits", missed_json(design.missed)}};
  if (!design.is_simulated) json["error_percent"] = json["energy_error_percent"] = nullptr;
  if (!design.failure.empty()) json["failure"] = design.failure;
  if (design.reliability) {
    json["predicted"]["interval"] = interval_json(design.reliability->interval);
    json["predicted"]["in_range"] = design.reliability->in_range;
    json["predicted"]["out_of_range"] = design.reliability->out_of_range;
  }
  return json;
}

Json finalist_json(const study::Design& design) {
  Json json = design_json(design);
  json["within_interval"] = design.failure.empty() ? Json(design.within_interval()) : Json();
  json["network_file"] = design.network_file.empty() ? Json() : Json(design.network_file);
  json["engine_file"] = design.engine_file;
  if (!design.forms_file.empty()) json["forms_file"] = design.forms_file;
  if (!design.precisions_file.empty()) json["precisions_file"] = design.precisions_file;
  json["weights_kept"] = design.weights_kept;
  json["weights_stripped"] = design.weights_stripped;
  if (!design.no_network_file.empty()) json["no_network_file"] = design.no_network_file;
  return json;
}

Json estimator_json(const study::CodesignResult& result) {
  Json json = Json::object();
  if (result.estimator) {
    json = {
        {"rows", result.estimator->rows}, {"engines", result.estimator->engines}, {"family", result.estimator->family}};
    json.update(splits_json(*result.estimator));
  }
  json["origin"] = result.origin.kind;
  if (!result.origin.note.empty()) json["note"] = result.origin.note;
  if (const auto& probe = result.origin.probe) {
    json["probe"] = {{"designs", probe->designs},
                     {"mean_error_percent", probe->mean_error_percent},
                     {"worst_error_percent", probe->worst_error_percent},
                     {"mean_error_percent_at_most", probe->mean_at_most},
                     {"worst_error_percent_at_most", probe->worst_at_most},
                     {"accurate", probe->accurate}};
  }
  return json;
}

Json rounds_json(const std::vector<study::TrustRound>& rounds) {
  Json out = Json::array();
  for (const study::TrustRound& round : rounds) {
    out.push_back({{"simulated", round.simulated},
                   {"beyond_interval", round.beyond},
                   {"mean_error_percent", round.mean_error_percent},
                   {"worst_error_percent", round.worst_error_percent},
                   {"rows_added", round.rows_added},
                   {"training_rows", round.training_rows},
                   {"change", round.change}});
  }
  return out;
}

Json ablation_json(const study::CodesignResult& result) {
  Json rows = Json::array();
  for (const study::AblationRow& row : result.ablation) {
    Json design = design_json(row.design);
    design["name"] = row.name;
    design["latency_change_percent"] =
        percent_change(result.baseline.simulated.latency_ms, row.design.simulated.latency_ms);
    design["macs_change_percent"] = percent_change(static_cast<double>(result.baseline.simulated.macs),
                                                   static_cast<double>(row.design.simulated.macs));
    rows.push_back(design);
  }
  return rows;
}

}  // namespace

std::string to_json(const study::CodesignResult& result) {
  Json finalists = Json::array();
  for (const study::Design& design : result.finalists) finalists.push_back(finalist_json(design));
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
               {"without_accuracy", result.without_accuracy},
               {"baseline", design_json(result.baseline)},
               {"finalists", finalists},
               {"estimator", estimator_json(result)},
               {"limits", result.limits},
               {"algorithm", result.algorithm},
               {"search_ended", result.stopped},
               {"open_genes", result.open_genes},
               {"designs_in_space", result.designs_in_space},
               {"left_out", result.left_out},
               {"feasible", result.feasible},
               {"all_infeasible", result.all_infeasible},
               {"failed", result.failed()},
               {"finalists_asked", result.finalists_asked},
               {"fewer_finalists", result.fewer_finalists},
               {"front", result.front.size()},
               {"designs_simulated", result.designs_simulated},
               {"hypervolume", result.hypervolume},
               {"rounds", rounds_json(result.rounds)}});
  for (const nas::RungAccount& rung : result.halving) {
    json["halving"].push_back({{"oracle", rung.name},
                               {"candidates", rung.entered},
                               {"infeasible", rung.infeasible},
                               {"left_out", rung.left_out}});
  }
  if (result.combined) json["combined"] = combined_json(result);
  if (!result.accuracy_by.empty()) {
    json["accuracy"] = {{"by", result.accuracy_by}, {"networks", result.accuracy_networks}};
  }
  if (!result.ablation.empty()) json["ablation"] = ablation_json(result);
  return dump(json);
}

namespace {

Json accuracy_cost_json(const study::AccuracyCost& cost) {
  return {{"by", cost.by},
          {"asked", cost.asked},
          {"known_before", cost.from_before},
          {"seconds", cost.seconds},
          {"programs", cost.programs},
          {"networks", cost.networks},
          {"program_seconds", cost.program_seconds},
          {"networks_of_earlier_runs", cost.earlier_networks},
          {"program_seconds_of_earlier_runs", cost.earlier_program_seconds}};
}

}  // namespace

std::string with_cost(const std::string& result_json, const study::CodesignCost& cost,
                      const std::vector<std::string>& changes) {
  Json json = Json::parse(result_json);
  json["changed"] = changes;
  study::TrainingCost training{study::kGpuHoursPerTraining, study::kGpuWatts, json.at("evaluations")};
  json["cost"] = {{"cpu_seconds", cost.cpu_seconds},
                  {"simulations", cost.simulations},
                  {"estimates", cost.estimates},
                  {"watts", cost.watts},
                  {"kwh", cost.kwh()},
                  {"training_every_candidate",
                   {{"candidates", training.candidates},
                    {"gpu_hours_each", training.gpu_hours_each},
                    {"gpu_watts", training.gpu_watts},
                    {"gpu_days", training.gpu_days()},
                    {"kwh", training.kwh()}}},
                  {"gpu_days_of_zoph_2018", study::kArticleGpuDays}};
  if (!cost.accuracy.by.empty()) json["cost"]["accuracy"] = accuracy_cost_json(cost.accuracy);
  if (!cost.combined.empty()) json["cost"]["combined"] = combined_cost_json(cost);
  return dump(json);
}

StoredResult stored_result(const std::string& path, const std::string& json) {
  try {
    const Json parsed = Json::parse(json);
    StoredResult stored{parsed.at("evaluations").get<std::int64_t>(),
                        parsed.at("failed").get<bool>(),
                        parsed.at("baseline").at("encoding").get<std::string>(),
                        {}};
    for (const Json& finalist : parsed.at("finalists")) {
      const auto file = [&](const char* key) {
        return finalist.contains(key) && finalist.at(key).is_string() ? finalist.at(key).get<std::string>() : "";
      };
      stored.finalists.push_back(
          {file("network_file"), file("engine_file"), file("forms_file"), file("precisions_file")});
    }
    return stored;
  } catch (const Json::exception&) {
    throw Error(fmt::format("{}: is no result of a codesign", path));
  }
}

}  // namespace lanewise::report
