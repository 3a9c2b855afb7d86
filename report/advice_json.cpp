// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "report/advice.hpp"
#include "report/json.hpp"

namespace lanewise::report {
namespace {

using study::DesignCost;

Json cost_json(const DesignCost& cost) {
  return {{"latency_cycles", cost.latency_cycles},
          {"latency_ms", cost.latency_ms},
          {"energy_uj", cost.energy_uj},
          {"area_mm2", cost.area_mm2},
          {"macs", cost.macs},
          {"parameters", cost.parameters}};
}

Json cost_json(const std::optional<DesignCost>& cost) { return cost ? cost_json(*cost) : Json(nullptr); }
Json number_json(const std::optional<double>& number) { return number ? Json(*number) : Json(nullptr); }

// null where it is infinite: latency saved, and nothing added.
Json rate_json(double rate) { return std::isfinite(rate) ? Json(rate) : Json(nullptr); }

Json explanation_json(const std::optional<study::Explanation>& e) {
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

Json gain_json(const study::MoveGain& gain, const study::Advice& advice) {
  Json out = {{"move", gain.move}, {"place", gain.place}, {"value", gain.value}};
  if (!gain.failure.empty()) {
    out["failure"] = gain.failure;
    return out;
  }
  out["predicted_saved_ms"] = gain.latency_saved_ms;
  out["simulated_saved_ms"] = number_json(gain.simulated_saved_ms);
  out["parameters_added"] = gain.parameters_added;
  out["macs_added"] = gain.macs_added;
  out["ms_saved_per_parameter"] = rate_json(gain.rate());
  out["breaks"] = gain.breaks;
  out["predicted"] = cost_json(gain.predicted);
  out["simulated"] = cost_json(gain.simulated);
  out["explanation"] = explanation_json(gain.explanation);
  out["sentence"] = move_sentence(gain, advice.start_predicted, advice.start_simulated);
  return out;
}

Json key_json(const study::EngineGain& gain, const study::Advice& advice) {
  Json keys = Json::object();
  for (const study::ChangedKey& key : gain.keys) keys[key.key] = {{"before", key.before}, {"after", key.after}};
  return {{"name", gain.group.empty() ? gain.keys.front().key : gain.group},
          {"keys", keys},
          {"predicted_saved_ms", gain.latency_saved_ms},
          {"simulated_saved_ms", number_json(gain.simulated_saved_ms)},
          {"area_added_mm2", gain.area_added_mm2},
          {"ms_saved_per_mm2", rate_json(gain.rate())},
          {"predicted", cost_json(gain.predicted)},
          {"simulated", cost_json(gain.simulated)},
          {"sentence", key_sentence(gain, advice.start_predicted, advice.start_simulated)}};
}

Json plan_json(const study::Plan& plan) {
  Json steps = Json::array(), missed = Json::array();
  for (const study::PlanStep& step : plan.steps) {
    steps.push_back({{"move", step.move},
                     {"place", step.place},
                     {"value", step.value},
                     {"taken_before", step.accepted},
                     {"predicted", cost_json(step.predicted)},
                     {"simulated", cost_json(step.simulated)},
                     {"breaks", step.breaks}});
  }
  for (const study::LimitMiss& miss : plan.missed) {
    missed.push_back({{"limit", miss.limit}, {"bound", miss.bound}, {"value", miss.value}});
  }
  return {{"encoding", plan.encoding},
          {"predicted", cost_json(plan.predicted)},
          {"simulated", cost_json(plan.simulated)},
          {"steps", steps},
          {"missed", missed},
          {"evaluations", plan.evaluations},
          {"simulated_designs", plan.simulated_designs}};
}

Json totals_or_null(const std::optional<study::Totals>& totals) {
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
  out["given"] = {{"predicted", cost_json(advice.given_predicted)}, {"simulated", cost_json(advice.given_simulated)}};
  out["start"] = {{"predicted", cost_json(advice.start_predicted)}, {"simulated", cost_json(advice.start_simulated)}};
  out["tried"] = advice.tried;
  out["do_not_pay"] = advice.do_not_pay;
  out["vetoed"] = advice.vetoed;
  out["moves"] = Json::array();
  for (const study::MoveGain& gain : advice.moves) out["moves"].push_back(gain_json(gain, advice));
  out["cannot_run"] = Json::array();
  for (const study::MoveGain& gain : advice.cannot_run) out["cannot_run"].push_back(gain_json(gain, advice));
  out["left_out"] = advice.left_out;
  out["plan"] = plan_json(advice.plan);
  Json keys = Json::array(), spare = Json::array(), left_out = Json::array(), skipped = Json::array();
  for (const study::EngineGain& gain : advice.keys) keys.push_back(key_json(gain, advice));
  for (const study::EngineGain& gain : advice.spare) spare.push_back(key_json(gain, advice));
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
                {"simulated", totals_or_null(applied.before)}}},
              {"after",
               {{"macs", network::macs(applied.graph)},
                {"parameters", network::parameters(applied.graph)},
                {"simulated", totals_or_null(applied.after)}}},
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
