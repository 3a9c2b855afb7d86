// SPDX-License-Identifier: Apache-2.0
// The search for better networks and engines.
#include <fmt/format.h>

#include <algorithm>

#include "mcp/tools/table.hpp"

namespace lanewise::mcp {
namespace {

using Kind = Parameter::Kind;

constexpr std::size_t kMostGenes = 24;

Json design_numbers(const Json& total) {
  if (total.is_null()) return nullptr;
  return picked(total, {"latency_ms", "energy_uj", "average_power_mw", "area_mm2", "utilization", "macs", "parameters",
                        "dram_bytes", "bound_by"});
}

Json design(const Json& of, const Json& baseline) {
  Json out =
      picked(of, {"engine_hash", "error_percent", "energy_error_percent", "trained_on_percent", "accuracy",
                  "missed_limits", "failure", "within_interval", "network_file", "engine_file", "no_network_file"});
  out["predicted"] = design_numbers(of.at("predicted"));
  out["predicted"]["interval"] = interval_ms(of.at("predicted"));
  if (of.at("predicted").contains("in_range")) out["predicted"]["in_range"] = of.at("predicted").at("in_range");
  out["simulated"] = design_numbers(of.at("simulated"));
  out["latency_change_percent"] = nullptr;
  if (!of.at("simulated").is_null() && !baseline.at("simulated").is_null()) {
    out["latency_change_percent"] = 100 * (of.at("simulated").at("latency_ms").get<double>() /
                                               baseline.at("simulated").at("latency_ms").get<double>() -
                                           1);
  }
  out["changes"] = Json::object();
  for (const auto& [gene, value] : of.at("genes").items()) {
    if (out["changes"].size() < kMostGenes) out["changes"][gene] = value;
  }
  out["changes_left_out"] = of.at("genes").size() - out["changes"].size();
  return out;
}

Json codesign_digest(const Json& answer, const Json& arguments, const Json& known) {
  const std::size_t rows = rows_of(arguments);
  const Json& baseline = answer.at("baseline");
  const Json& finalists = answer.at("finalists");
  Json out =
      picked(answer,
             {"network",           "engine",    "engine_overrides", "engine_hash", "tool_version",    "seed",
              "objectives",        "limits",    "constraint",       "algorithm",   "search_ended",    "evaluations",
              "cannot_run",        "feasible",  "all_infeasible",   "failed",      "finalists_asked", "fewer_finalists",
              "designs_simulated", "free_keys", "changed"});
  out["folder"] = arguments.at("folder");
  out["front_designs"] = answer.at("front");
  out["baseline"] = design(baseline, baseline);
  out["finalists"] = Json::array();
  for (const Json& finalist : finalists) {
    if (out["finalists"].size() < rows) out["finalists"].push_back(design(finalist, baseline));
  }
  const Json& estimator = answer.at("estimator");
  out["estimator"] = picked(estimator, {"origin", "note"});
  if (estimator.contains("probe")) {
    out["estimator"]["probe"] =
        picked(estimator.at("probe"), {"designs", "mean_error_percent", "worst_error_percent", "accurate"});
  }
  out["cost"] = picked(answer.at("cost"), {"cpu_seconds", "simulations", "estimates"});
  out["error"] = simulator_error(known.at("rtl_check"));
  out["left_out"] = left_out(finalists.size() - out["finalists"].size(),
                             "the argument `rows`; the folder's front.csv has every design of the front");
  std::string best = "no finalist runs";
  const auto latency = [](const Json& one) {
    return one.at("simulated").is_null() ? 1e300 : one.at("simulated").at("latency_ms").get<double>();
  };
  const auto fastest = std::min_element(finalists.begin(), finalists.end(),
                                        [&](const Json& a, const Json& b) { return latency(a) < latency(b); });
  if (fastest != finalists.end() && !fastest->at("simulated").is_null()) {
    best = fmt::format("the fastest of {} finalists takes {} ms simulated, {} ms predicted, instead of {}, bound by {}",
                       finalists.size(), short_number(latency(*fastest)),
                       short_number(fastest->at("predicted").at("latency_ms").get<double>()),
                       short_number(latency(baseline)), fastest->at("simulated").at("bound_by").get<std::string>());
  }
  out["summary"] =
      fmt::format("{} on {}: {} designs priced; {}{}; simulator: {}", answer.at("network").get<std::string>(),
                  answer.at("engine").get<std::string>(), answer.at("evaluations").dump(), best,
                  answer.at("failed") == true ? "; limits are missed" : "", out["error"].at("text").get<std::string>());
  return out;
}

std::vector<Field> design_fields() {
  return {{"latency_ms", number_schema("ms")},
          {"energy_uj", number_schema("uJ")},
          {"average_power_mw", number_schema("mW")},
          {"area_mm2", number_schema("mm2, of the engine")},
          {"utilization", number_schema("0 to 1, of the array")},
          {"macs", whole_schema("Multiply-accumulates")},
          {"parameters", whole_schema("Of the network")},
          {"dram_bytes", whole_schema("B")},
          {"bound_by", text_schema("The resource that saves most if there is twice as much")}};
}

Json design_schema(const char* about) {
  std::vector<Field> predicted = design_fields();
  predicted.push_back({"interval", interval_schema()});
  predicted.push_back({"in_range", flag_schema("Whether it lies within what the estimator was trained on"), true});
  const Json missed = object_schema("", {{"limit", text_schema("As it was given")},
                                         {"bound", number_schema("In the metric's unit")},
                                         {"value", number_schema("Of the design")},
                                         {"by", text_schema("prediction or simulation")}});
  const Json error = or_null(number_schema("%, of the predicted value against the simulated one; null: not simulated"));
  return object_schema(
      about,
      {{"engine_hash", text_schema("Of the design's engine")},
       {"error_percent", error},
       {"energy_error_percent", error},
       {"trained_on_percent",
        or_null(number_schema("%, of the latency, in subgraphs that the estimator was trained on"))},
       {"accuracy", or_null(number_schema("Of the network, where the space says who gives it"))},
       {"missed_limits", list_schema("Limits that it misses", missed)},
       {"failure", text_schema("Why it could not be simulated"), true},
       {"within_interval", or_null(flag_schema("Whether the simulated latency lies within the interval")), true},
       {"network_file", or_null(text_schema("In the folder")), true},
       {"engine_file", text_schema("In the folder"), true},
       {"no_network_file", text_schema("Why there is none"), true},
       {"predicted", object_schema("By the estimator", predicted)},
       {"simulated", or_null(object_schema("By the simulator; null: not simulated", design_fields()))},
       {"latency_change_percent", or_null(number_schema("%, simulated, against the baseline; negative: faster"))},
       {"changes", map_schema("Genes that differ from the baseline, and their values", {{"type", "string"}})},
       {"changes_left_out", whole_schema("More of them")}});
}

Json codesign_output() {
  return object_schema(
      "", {{"summary", text_schema("The answer in one sentence")},
           {"network", text_schema("Name")},
           {"engine", text_schema("Name")},
           {"engine_overrides", map_schema("Engine keys that were changed from the file", {{"type", "string"}})},
           {"engine_hash", text_schema("Of the baseline's engine")},
           {"tool_version", text_schema("Of lanewise")},
           {"seed", whole_schema("Of every random choice")},
           {"objectives", list_schema("What is best", {{"type", "string"}})},
           {"limits", list_schema("What designs must keep, those of the space included", {{"type", "string"}})},
           {"constraint", text_schema("What stands for the quality of networks; a bound on capacity is no accuracy")},
           {"algorithm", text_schema("Of the search")},
           {"search_ended", text_schema("Why")},
           {"evaluations", whole_schema("Designs that were priced")},
           {"cannot_run", whole_schema("Of them, those that no engine runs")},
           {"feasible", whole_schema("Of them, those that keep all limits")},
           {"all_infeasible", flag_schema("Whether none does")},
           {"failed", flag_schema("Whether a finalist misses a limit, or none keeps all")},
           {"finalists_asked", whole_schema("Finalists that were asked for")},
           {"fewer_finalists", text_schema("Why there are fewer; \"\": there are as many")},
           {"designs_simulated", whole_schema("Of the front")},
           {"free_keys", list_schema("Engine keys that cost nothing in the model", {{"type", "string"}})},
           {"changed", list_schema("What differs from the job that the folder held", {{"type", "string"}})},
           {"folder", text_schema("That holds the result")},
           {"front_designs", whole_schema("Designs on the Pareto front")},
           {"baseline", design_schema("Network and engine as given")},
           {"finalists", list_schema("Proven by simulation, and written out as files", design_schema(""))},
           {"estimator",
            object_schema("Who predicted", {{"origin", text_schema("given, default, store or measured")},
                                            {"note", text_schema("Why the job measured"), true},
                                            {"probe",
                                             object_schema("A default estimator tried on designs of this space",
                                                           {{"designs", whole_schema("Number of them")},
                                                            {"mean_error_percent", number_schema("%")},
                                                            {"worst_error_percent", number_schema("%")},
                                                            {"accurate", flag_schema("Whether it was taken")}}),
                                             true}})},
           {"cost", object_schema("What this run took", {{"cpu_seconds", number_schema("s")},
                                                         {"simulations", whole_schema("Number of them")},
                                                         {"estimates", whole_schema("Number of them")}})},
           {"error", error_schema()},
           {"left_out", left_out_schema()}});
}

}  // namespace

Tool codesign_tool() {
  Tool tool{"codesign",
            "Search for better networks and engines",
            "Changes network and engine together, priced by an estimator, under objectives and limits; proves the "
            "finalists by simulation and writes them to a folder as ONNX and engine files. Takes minutes to hours: it "
            "reports progress, can be cancelled, and the same call goes on from what the folder holds.",
            {"codesign"},
            {network_parameter(),
             engine_parameter(),
             {"folder", Kind::kFolder, "--out", "Folder for the result; made where it is not there", true}},
            codesign_output(),
            codesign_digest};
  for (const auto& more : {engine_change_parameters(), network_change_parameters()}) {
    tool.parameters.insert(tool.parameters.end(), more.begin(), more.end());
  }
  tool.parameters.insert(
      tool.parameters.end(),
      {{"space",
        Kind::kFile,
        "--space",
        "What may change, a file or a name such as default",
        false,
        0,
        0,
        {},
        "spaces"},
       {"objectives", Kind::kText, "--objectives", "What is best: latency,energy where it is not given"},
       {"limits", Kind::kTexts, "--limit", "What designs must keep, such as \"latency_ms<=5\""},
       {"algorithm", Kind::kText, "--algorithm", "Of the search; the command line's help lists them"},
       {"population", Kind::kWhole, "--population", "Designs in a generation", false, 2, 10000},
       {"generations", Kind::kWhole, "--generations", "Of each part of the search", false, 1, 1e7},
       {"evaluations", Kind::kWhole, "--evaluations", "Designs to price in all, instead of both", false, 1, 1e7},
       {"finalists", Kind::kWhole, "--finalists", "Designs to prove and write out; 6 where it is not given", false, 1,
        1000},
       {"simulations", Kind::kWhole, "--simulations", "Designs of the front to simulate at most", false, 1, 1e7},
       {"rounds", Kind::kWhole, "--rounds", "How often the estimator may learn from finalists that it predicted badly",
        false, 0, 100},
       {"seed", Kind::kWhole, "--seed", "Of every random choice", false, 0, 9007199254740991.0},
       {"estimator", Kind::kFile, "--estimator", "Model file (.lwm) to search under"},
       rows_parameter()});
  tool.asks_engine = true;
  tool.several_processes = true;
  tool.long_job = true;
  constexpr int kLimitsMissed = 3;
  tool.fair_status = kLimitsMissed;
  return tool;
}

}  // namespace lanewise::mcp
