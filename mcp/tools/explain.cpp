// SPDX-License-Identifier: Apache-2.0
// One layer: why it takes what it takes, and why an estimator says so.
#include <fmt/format.h>

#include <algorithm>

#include "mcp/tools/table.hpp"

namespace lanewise::mcp {
namespace {

using Kind = Parameter::Kind;

// Of each unit, how much of the latency it worked, and what it waited for most.
Json units_of(const Json& simulated) {
  const double whole = std::max(simulated.at("latency_cycles").get<double>(), 1.0);
  Json out = Json::array();
  for (const auto& [name, unit] : simulated.at("units").items()) {
    Json one = {{"unit", name},
                {"busy_percent", 100 * unit.at("busy_cycles").get<double>() / whole},
                {"stalled_most_by", nullptr},
                {"stalled_percent", 0.0}};
    double most = 0;
    for (const auto& [cause, cycles] : unit.at("stalled_cycles").items()) {
      if (cycles.get<double>() <= most) continue;
      most = cycles.get<double>();
      one["stalled_most_by"] = cause;
      one["stalled_percent"] = 100 * most / whole;
    }
    out.push_back(std::move(one));
  }
  return out;
}

Json predicted_of(const Json& predicted, std::size_t rows) {
  Json out = picked(predicted, {"latency_cycles", "energy_uj", "error_percent", "held_out_rmspe_percent", "in_range",
                                "closed_form_cycles", "usual_percent"});
  out["interval_cycles"] = nullptr;
  if (!predicted.at("interval").is_null()) {
    out["interval_cycles"] = picked(predicted.at("interval"), {"level", "low_cycles", "high_cycles"});
  }
  out["contributions"] = Json::array();
  for (const Json& one : predicted.at("contributions")) {
    if (out["contributions"].size() < rows) out["contributions"].push_back(one);
  }
  return out;
}

Json explain_digest(const Json& answer, const Json& arguments, const Json& known) {
  // A name that several layers have gets an explanation of each; the first is shown.
  const Json& one = answer.is_array() ? answer.front() : answer;
  const Json& simulated = one.at("simulated");
  const Json& plan = one.at("plan");
  Json out = picked(one, {"network", "engine", "engine_overrides", "engine_hash", "tool_version"});
  out["source"] = "simulated";
  out["subgraph"] = picked(one.at("subgraph"), {"name", "block", "shape", "context", "cascade", "stripes"});
  out["operators"] = Json::array();
  for (const Json& operation : one.at("operators")) out["operators"].push_back(operation.at("name"));
  out["simulated"] = picked(simulated, {"latency_cycles", "macs", "utilization", "energy_uj", "dram_read_bytes",
                                        "dram_write_bytes", "peak_sram_bytes"});
  out["cause"] = {{"bound_by", simulated.at("bound_by")}, {"units", units_of(simulated)}};
  out["bounds_cycles"] = Json::object();
  for (const auto& [name, value] : one.at("bounds").items()) {
    if (name.size() > 7 && name.compare(name.size() - 7, 7, "_cycles") == 0) {
      out["bounds_cycles"][name.substr(0, name.size() - 7)] = value;
    }
  }
  out["plan"] = picked(plan, {"text", "loop_order", "tiles", "tile_rows", "tile_columns", "tile_out_channels",
                              "tile_in_channels", "peak_sram_bytes"});
  out["predicted"] = one.contains("predicted") ? predicted_of(one.at("predicted"), rows_of(arguments)) : Json(nullptr);
  out["error"] = simulator_error(known.at("rtl_check"));
  out["left_out"] = left_out(answer.is_array() ? answer.size() - 1 : 0, "a longer `layer`, which only one layer has");
  std::string prediction = "no estimator predicts it";
  if (!out["predicted"].is_null()) {
    prediction = fmt::format("predicted {} cycles ({:+.3g} %)", one.at("predicted").at("latency_cycles").dump(),
                             one.at("predicted").at("error_percent").get<double>());
  }
  out["summary"] =
      fmt::format("{}: {} cycles simulated, array used {} %, bound by {}; {}; simulator: {}",
                  one.at("subgraph").at("name").get<std::string>(), simulated.at("latency_cycles").dump(),
                  short_number(100 * simulated.at("utilization").get<double>()),
                  simulated.at("bound_by").get<std::string>(), prediction, out["error"].at("text").get<std::string>());
  return out;
}

Json explain_output() {
  const Json unit = object_schema("", {{"unit", text_schema("Name")},
                                       {"busy_percent", number_schema("%, of the latency, at work")},
                                       {"stalled_most_by", or_null(text_schema("What it waited for most"))},
                                       {"stalled_percent", number_schema("%, of the latency, for that")}});
  const Json contribution = object_schema("", {{"feature", text_schema("Of docs/features.md")},
                                               {"value", number_schema("Of this subgraph")},
                                               {"percent", number_schema("%, by which it changes the prediction")}});
  const Json interval = or_null(object_schema("null: not known", {{"level", number_schema("0 to 1")},
                                                                  {"low_cycles", whole_schema("Cycles")},
                                                                  {"high_cycles", whole_schema("Cycles")}}));
  return object_schema(
      "", {{"summary", text_schema("The answer in one sentence")},
           {"network", text_schema("Name")},
           {"engine", text_schema("Name")},
           {"engine_overrides", map_schema("Engine keys that were changed from the file", {{"type", "string"}})},
           {"engine_hash", text_schema("The same exactly where no measurement of engines can differ")},
           {"tool_version", text_schema("Of lanewise")},
           {"source", text_schema("simulated: all numbers but those of `predicted` and `bounds_cycles`")},
           {"subgraph", object_schema("What the engine runs as one fused command",
                                      {{"name", text_schema("Its main operator")},
                                       {"block", text_schema("Of the network; \"\": none")},
                                       {"shape", text_schema("In words")},
                                       {"context", text_schema("What lies on chip when it starts")},
                                       {"cascade", or_null(whole_schema("Number of its cascade"))},
                                       {"stripes", whole_schema("That it runs in")}})},
           {"operators", list_schema("That are fused in it", {{"type", "string"}})},
           {"simulated", object_schema("What the simulator measured",
                                       {{"latency_cycles", whole_schema("Cycles, from a quiet start")},
                                        {"macs", whole_schema("Multiply-accumulates")},
                                        {"utilization", number_schema("0 to 1, of the array")},
                                        {"energy_uj", number_schema("uJ")},
                                        {"dram_read_bytes", whole_schema("B")},
                                        {"dram_write_bytes", whole_schema("B")},
                                        {"peak_sram_bytes", whole_schema("B, on chip, as planned")}})},
           {"cause", object_schema("Why it takes that long",
                                   {{"bound_by", text_schema("The resource that saves most if there is twice as much")},
                                    {"units", list_schema("Of the engine", unit)}})},
           {"bounds_cycles", map_schema("Cycles that each resource needs at least, by formula", {{"type", "number"}})},
           {"plan", object_schema("How it is cut into tiles", {{"text", text_schema("In words")},
                                                               {"loop_order", text_schema("Outermost first")},
                                                               {"tiles", whole_schema("Number of them")},
                                                               {"tile_rows", whole_schema("Of outputs")},
                                                               {"tile_columns", whole_schema("Of outputs")},
                                                               {"tile_out_channels", whole_schema("Output channels")},
                                                               {"tile_in_channels", whole_schema("Input channels")},
                                                               {"peak_sram_bytes", whole_schema("B, on chip")}})},
           {"predicted",
            or_null(object_schema(
                "What an estimator says of it; null: there is none",
                {{"latency_cycles", whole_schema("Cycles")},
                 {"energy_uj", number_schema("uJ")},
                 {"error_percent", number_schema("%, of the predicted latency against the simulated one")},
                 {"held_out_rmspe_percent", or_null(number_schema("%, root mean square error on what was held out"))},
                 {"in_range", flag_schema("Whether it lies within what the estimator was trained on")},
                 {"closed_form_cycles", number_schema("Cycles, by the analytical model that it corrects")},
                 {"usual_percent", number_schema("%, by which trained rows differ from that on average")},
                 {"interval_cycles", interval},
                 {"contributions", list_schema("Features that change the prediction most", contribution)}}))},
           {"error", error_schema()},
           {"left_out", left_out_schema()}});
}

}  // namespace

Tool explain_tool() {
  Tool tool{
      "explain",
      "Explain one layer",
      "One layer of a network: the subgraph it is fused into, its tile plan, what the simulator measured, what each "
      "unit waited for, and, where there is an estimator, its prediction with reasons.",
      {"explain"},
      {network_parameter(),
       {"layer", Kind::kText, "--layer", "Name of an operator, or a part that only it has", true},
       engine_parameter()},
      explain_output(),
      explain_digest};
  for (const auto& more : {engine_change_parameters(), network_change_parameters()}) {
    tool.parameters.insert(tool.parameters.end(), more.begin(), more.end());
  }
  tool.parameters.push_back(
      {"estimator", Kind::kFile, "--estimator", "Model file (.lwm); the engine family's own where it is not given"});
  tool.parameters.push_back(rows_parameter());
  tool.asks_engine = true;
  return tool;
}

}  // namespace lanewise::mcp
