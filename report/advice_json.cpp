// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "report/advice.hpp"
#include "report/json.hpp"

namespace lanewise::report {
namespace {

using study::DesignCost;

Json design_cost_json(const DesignCost& cost) {
  return {{"latency_cycles", cost.latency_cycles},
          {"latency_ms", cost.latency_ms},
          {"energy_uj", cost.energy_uj},
          {"area_mm2", cost.area_mm2},
          {"macs", cost.macs},
          {"parameters", cost.parameters}};
}

Json design_cost_json(const std::optional<DesignCost>& cost) { return cost ? design_cost_json(*cost) : Json(nullptr); }
Json optional_number_json(const std::optional<double>& number) { return number ? Json(*number) : Json(nullptr); }

// null where it is infinite: latency saved, and nothing added.
Json advice_rate_json(double rate) { return std::isfinite(rate) ? Json(rate) : Json(nullptr); }

Json move_explanation_json(const std::optional<study::MoveExplanation>& e) {
  if (!e) return nullptr;
  const auto side = [](std::int64_t subgraphs, double ms, std::int64_t macs, double utilization, double feeds,
                       const std::string& bound) {
    return Json{{"subgraphs", subgraphs},
                {"latency_ms", ms},
                {"macs", macs},
                {"utilization", utilization},
                {"macs_a_cycle_at_most", feeds},
                {"bound_by", bound.empty() ? Json(nullptr) : Json(bound)}};
  };
  return {{"layers", e->layers},
          {"array_macs_a_cycle", e->array_macs},
          {"before", side(e->subgraphs_before, e->before_ms, e->macs_before, e->utilization_before, e->feeds_before,
                          e->bound_before)},
          {"after",
           side(e->subgraphs_after, e->after_ms, e->macs_after, e->utilization_after, e->feeds_after, e->bound_after)}};
}

Json move_gain_json(const study::MoveGain& gain, const study::Advice& advice) {
  Json out = {{"move", gain.move}, {"place", gain.place}, {"value", gain.value}};
  if (!gain.failure.empty()) {
    out["failure"] = gain.failure;
    return out;
  }
  out["predicted_saved_ms"] = gain.latency_saved_ms;
  out["simulated_saved_ms"] = optional_number_json(gain.simulated_saved_ms);
  out["parameters_added"] = gain.parameters_added;
  out["macs_added"] = gain.macs_added;
  out["ms_saved_per_parameter"] = advice_rate_json(gain.rate());
  out["breaks"] = gain.breaks;
  out["predicted"] = design_cost_json(gain.predicted);
  out["simulated"] = design_cost_json(gain.simulated);
  out["explanation"] = move_explanation_json(gain.explanation);
  out["sentence"] = move_sentence(gain, advice.start_predicted, advice.start_simulated, advice.ranked_by);
  return out;
}

Json engine_gain_json(const study::EngineGain& gain, const study::Advice& advice) {
  Json keys = Json::object();
  for (const study::ChangedKey& key : gain.keys) keys[key.key] = {{"before", key.before}, {"after", key.after}};
  return {{"name", gain.group.empty() ? gain.keys.front().key : gain.group},
          {"keys", keys},
          {"predicted_saved_ms", gain.latency_saved_ms},
          {"simulated_saved_ms", optional_number_json(gain.simulated_saved_ms)},
          {"area_added_mm2", gain.area_added_mm2},
          {"ms_saved_per_mm2", advice_rate_json(gain.rate())},
          {"predicted", design_cost_json(gain.predicted)},
          {"simulated", design_cost_json(gain.simulated)},
          {"sentence", key_sentence(gain, advice.start_predicted, advice.start_simulated, advice.ranked_by)}};
}

Json advice_plan_json(const study::Plan& plan) {
  Json steps = Json::array(), missed = Json::array();
  for (const study::PlanStep& step : plan.steps) {
    steps.push_back({{"move", step.move},
                     {"place", step.place},
                     {"value", step.value},
                     {"taken_before", step.accepted},
                     {"predicted", design_cost_json(step.predicted)},
                     {"simulated", design_cost_json(step.simulated)},
                     {"breaks", step.breaks}});
  }
  for (const study::LimitMiss& miss : plan.missed) {
    missed.push_back({{"limit", miss.limit}, {"bound", miss.bound}, {"value", miss.value}});
  }
  return {{"encoding", plan.encoding},
          {"predicted", design_cost_json(plan.predicted)},
          {"simulated", design_cost_json(plan.simulated)},
          {"steps", steps},
          {"missed", missed},
          {"evaluations", plan.evaluations},
          {"simulated_designs", plan.simulated_designs}};
}

Json optional_totals_json(const std::optional<study::Totals>& totals) {
  return totals ? totals_json(*totals) : Json(nullptr);
}

}  // namespace

std::string to_json(const study::Advice& advice) {
  Json out = {{"network", advice.network}, {"engine", advice.engine}};
  add_identity(out, advice.identity);
  out["tool_version"] = advice.tool_version;
  out["space"] = advice.space;
  out["ranked_by"] = record::to_string(advice.ranked_by);
  out["limits"] = advice.limits;
  out["given"] = {{"predicted", design_cost_json(advice.given_predicted)},
                  {"simulated", design_cost_json(advice.given_simulated)}};
  out["start"] = {{"predicted", design_cost_json(advice.start_predicted)},
                  {"simulated", design_cost_json(advice.start_simulated)}};
  out["tried"] = advice.tried;
  out["do_not_pay"] = advice.do_not_pay;
  out["vetoed"] = advice.vetoed;
  out["moves"] = Json::array();
  for (const study::MoveGain& gain : advice.moves) out["moves"].push_back(move_gain_json(gain, advice));
  out["cannot_run"] = Json::array();
  for (const study::MoveGain& gain : advice.cannot_run) out["cannot_run"].push_back(move_gain_json(gain, advice));
  out["left_out"] = advice.left_out;
  out["plan"] = advice_plan_json(advice.plan);
  Json keys = Json::array(), spare = Json::array(), left_out = Json::array(), skipped = Json::array();
  for (const study::EngineGain& gain : advice.keys) keys.push_back(engine_gain_json(gain, advice));
  for (const study::EngineGain& gain : advice.spare) spare.push_back(engine_gain_json(gain, advice));
  for (const study::Untried& left : advice.keys_left_out) {
    left_out.push_back(
        {{"key", left.key}, {"value", left.value.empty() ? Json(nullptr) : Json(left.value)}, {"reason", left.reason}});
  }
  out["engine_keys"] = {{"tried", advice.keys_tried},
                        {"do_not_pay", advice.keys_do_not_pay},
                        {"vetoed_or_taken", advice.keys_vetoed},
                        {"pay", keys},
                        {"spare", spare},
                        {"left_out", left_out}};
  for (const nas::SkippedMove& skip : advice.skipped) {
    skipped.push_back({{"place", skip.place}, {"reason", skip.reason}});
  }
  out["skipped"] = skipped;
  return dump(out);
}

std::string to_json(const study::AppliedMoves& applied, const nas::MovesFile& file, const std::string& network,
                    const std::string& engine, const AppliedFiles& files) {
  const auto optional = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json entries = Json::array(), overrides = Json::object();
  for (const study::AppliedEntry& entry : applied.entries) {
    const nas::MoveEntry& given = file.entries[entry.entry];
    Json skipped = Json::array();
    for (const nas::SkippedMove& skip : entry.skipped) {
      skipped.push_back({{"place", skip.place}, {"reason", skip.reason}});
    }
    entries.push_back({{"name", given.name},
                       {"move", given.move},
                       {"value", given.value},
                       {"pattern", given.is_pattern()},
                       {"places", entry.places},
                       {"skipped", skipped},
                       {"macs", entry.macs},
                       {"parameters", entry.parameters}});
  }
  for (const engine::Override& change : applied.resolved.engine_overrides()) overrides[change.key] = change.value;
  Json out = {{"network", network},
              {"engine", optional(engine)},
              {"moves", file.path},
              {"entries", entries},
              {"not_taken", applied.not_taken},
              {"vetoed", applied.vetoed},
              {"engine_changes", overrides},
              {"before",
               {{"macs", applied.macs_before},
                {"parameters", applied.parameters_before},
                {"simulated", optional_totals_json(applied.before)}}},
              {"after",
               {{"macs", network::macs(applied.graph)},
                {"parameters", network::parameters(applied.graph)},
                {"simulated", optional_totals_json(applied.after)}}},
              {"widened", applied.widened},
              {"keeps_capacity", applied.keeps_capacity},
              {"network_file", optional(files.network)},
              {"engine_file", optional(files.engine)}};
  if (!files.network.empty()) {
    out["weights"] = {{"kept", files.weights.kept}, {"stripped", files.weights.stripped}};
  }
  return dump(out);
}

}  // namespace lanewise::report
