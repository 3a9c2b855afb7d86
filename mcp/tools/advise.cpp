// SPDX-License-Identifier: Apache-2.0
// Which changes of network and engine pay.
#include <fmt/format.h>

#include <algorithm>

#include "mcp/tools/table.hpp"

namespace lanewise::mcp {
namespace {

using Kind = Parameter::Kind;

Json first(const Json& list, std::size_t most, const std::vector<const char*>& names) {
  Json out = Json::array();
  for (const Json& one : list) {
    if (out.size() == most) break;
    Json shown = picked(one, names);
    if (one.contains("explanation")) {
      const Json& why = one.at("explanation");
      shown["bound_by_before"] = why.is_null() ? Json(nullptr) : why.at("before").at("bound_by");
      shown["bound_by_after"] = why.is_null() ? Json(nullptr) : why.at("after").at("bound_by");
    }
    out.push_back(std::move(shown));
  }
  return out;
}

Json advised_cost(const Json& of) {
  return of.is_null() ? Json(nullptr) : picked(of, {"latency_ms", "energy_uj", "area_mm2", "macs", "parameters"});
}

// Of a predicted latency against the simulated one; null where one is missing.
Json error_of(const Json& pair) {
  if (pair.at("predicted").is_null() || pair.at("simulated").is_null()) return nullptr;
  const double simulated = pair.at("simulated").at("latency_ms").get<double>();
  return 100 * (pair.at("predicted").at("latency_ms").get<double>() / simulated - 1);
}

Json both(const Json& pair) {
  return {{"predicted", advised_cost(pair.at("predicted"))},
          {"simulated", advised_cost(pair.at("simulated"))},
          {"prediction_error_percent", error_of(pair)}};
}

Json advise_digest(const Json& answer, const Json& arguments, const Json& known) {
  const std::size_t rows = rows_of(arguments);
  const Json& moves = answer.at("moves");
  const Json& plan = answer.at("plan");
  const Json& keys = answer.at("engine_keys");
  Json out = picked(answer, {"network", "engine", "engine_overrides", "engine_hash", "tool_version", "space",
                             "ranked_by", "limits", "tried", "do_not_pay"});
  out["given"] = both(answer.at("given"));
  out["moves"] = first(moves, rows,
                       {"move", "place", "value", "predicted_saved_ms", "simulated_saved_ms", "parameters_added",
                        "macs_added", "breaks", "sentence"});
  out["plan"] = both(plan);
  out["plan"]["encoding"] = plan.at("encoding");
  out["plan"]["steps"] = first(plan.at("steps"), rows, {"move", "place", "value", "breaks"});
  out["plan"]["missed_limits"] = Json::array();
  for (const Json& missed : plan.at("missed")) out["plan"]["missed_limits"].push_back(missed.at("limit"));
  out["engine_keys"] = first(
      keys.at("pay"), rows, {"name", "keys", "predicted_saved_ms", "simulated_saved_ms", "area_added_mm2", "sentence"});
  out["engine_keys_to_spare"] =
      first(keys.at("spare"), rows,
            {"name", "keys", "predicted_saved_ms", "simulated_saved_ms", "area_added_mm2", "sentence"});
  out["error"] = simulator_error(known.at("rtl_check"));
  std::size_t hidden = 0;
  for (const Json* list : {&moves, &plan.at("steps"), &keys.at("pay"), &keys.at("spare")}) {
    hidden += list->size() - std::min(list->size(), rows);
  }
  out["left_out"] = left_out(hidden, "the argument `rows` (up to 50), or on the command line --json");
  const auto latency = [](const Json& pair) {
    const Json& known_of = pair.at("simulated").is_null() ? pair.at("predicted") : pair.at("simulated");
    return known_of.at("latency_ms").get<double>();
  };
  const bool proven = !plan.at("simulated").is_null() && !answer.at("given").at("simulated").is_null();
  out["summary"] =
      fmt::format("{} on {}: {} of {} moves pay; the plan takes {} ms instead of {}, {}; simulator: {}",
                  answer.at("network").get<std::string>(), answer.at("engine").get<std::string>(), moves.size(),
                  answer.at("tried").dump(), short_number(latency(plan)), short_number(latency(answer.at("given"))),
                  proven ? "simulated" : "predicted", out["error"].at("text").get<std::string>());
  return out;
}

Json cost_schema(const char* about) {
  return or_null(object_schema(about, {{"latency_ms", number_schema("ms")},
                                       {"energy_uj", number_schema("uJ")},
                                       {"area_mm2", number_schema("mm2, of the engine")},
                                       {"macs", whole_schema("Multiply-accumulates")},
                                       {"parameters", whole_schema("Of the network")}}));
}

std::vector<Field> pair_fields() {
  return {{"predicted", cost_schema("By the estimator, or by what ranked_by says")},
          {"simulated", cost_schema("Null: not simulated")},
          {"prediction_error_percent", or_null(number_schema("%, of the predicted latency; null: not known"))}};
}

Json advise_output() {
  const Json keys = map_schema("Keys and their values",
                               object_schema("", {{"before", text_schema("Value")}, {"after", text_schema("Value")}}));
  const Json saved = or_null(number_schema("ms; null: not simulated"));
  const Json move = object_schema(
      "", {{"move", text_schema("Kind of change")},
           {"place", text_schema("Of the network")},
           {"value", text_schema("That it takes there")},
           {"predicted_saved_ms", number_schema("ms")},
           {"simulated_saved_ms", saved},
           {"parameters_added", number_schema("Negative: saved")},
           {"macs_added", number_schema("Negative: saved")},
           {"breaks", list_schema("Limits that it breaks by itself", {{"type", "string"}})},
           {"sentence", text_schema("The move and its reason in words, with where its numbers come from")},
           {"bound_by_before", or_null(text_schema("What bound the subgraphs that it changes"))},
           {"bound_by_after", or_null(text_schema("What binds them after it"))}});
  const Json step = object_schema("", {{"move", text_schema("Kind of change")},
                                       {"place", text_schema("Of the network")},
                                       {"value", text_schema("That it takes there")},
                                       {"breaks", list_schema("Limits broken so far", {{"type", "string"}})}});
  const Json key = object_schema("", {{"name", text_schema("Key, or group of keys")},
                                      {"keys", keys},
                                      {"predicted_saved_ms", number_schema("ms")},
                                      {"simulated_saved_ms", saved},
                                      {"area_added_mm2", number_schema("mm2; negative: saved")},
                                      {"sentence", text_schema("The same in words")}});
  std::vector<Field> plan = pair_fields();
  plan.insert(plan.end(), {{"encoding", text_schema("Of all moves, for the command line's --encoding")},
                           {"steps", list_schema("Moves in order", step)},
                           {"missed_limits", list_schema("Limits that the whole misses", {{"type", "string"}})}});
  return object_schema(
      "", {{"summary", text_schema("The answer in one sentence")},
           {"network", text_schema("Name")},
           {"engine", text_schema("Name")},
           {"engine_overrides", map_schema("Engine keys that were changed from the file", {{"type", "string"}})},
           {"engine_hash", text_schema("The same exactly where no measurement of engines can differ")},
           {"tool_version", text_schema("Of lanewise")},
           {"space", text_schema("Of the moves that were tried")},
           {"ranked_by", text_schema("estimated or simulated: where `predicted` numbers come from")},
           {"limits", list_schema("What the plan keeps", {{"type", "string"}})},
           {"tried", whole_schema("Moves")},
           {"do_not_pay", whole_schema("Moves that save nothing")},
           {"given", object_schema("Cost as given", pair_fields())},
           {"moves", list_schema("Changes of the network that pay, the best first", move)},
           {"plan", object_schema("Moves to make together", plan)},
           {"engine_keys", list_schema("Changes of the engine that pay", key)},
           {"engine_keys_to_spare", list_schema("Changes that save area and cost next to nothing", key)},
           {"error", error_schema()},
           {"left_out", left_out_schema()}});
}

}  // namespace

Tool advise_tool() {
  Tool tool{
      "advise",
      "Advise on a network and an engine",
      "Which changes of a network (channels, kernels, depth, fusion, resolution) and of engine keys save latency, "
      "each with its reason, and which changes to make together under limits of size. Takes seconds to minutes.",
      {"advise"},
      {network_parameter(), engine_parameter()},
      advise_output(),
      advise_digest};
  for (const auto& more : {engine_change_parameters(), network_change_parameters()}) {
    tool.parameters.insert(tool.parameters.end(), more.begin(), more.end());
  }
  tool.parameters.insert(
      tool.parameters.end(),
      {{"limits", Kind::kTexts, "--limit", "What the plan must keep, such as \"parameters>=0.95*baseline\""},
       {"confirm", Kind::kWhole, "--top", "Moves, and keys, that are simulated and explained; 10 where it is not given",
        false, 0, 100},
       {"space", Kind::kFile, "--space", "Space of moves, a file or a name such as moves", false, 0, 0, {}, "spaces"},
       {"estimator", Kind::kFile, "--estimator", "Model file (.lwm); the engine family's own where it is not given"},
       rows_parameter()});
  tool.asks_engine = true;
  tool.several_processes = true;
  return tool;
}

}  // namespace lanewise::mcp
