// SPDX-License-Identifier: Apache-2.0
// Networks on every combination of some engine parameters.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mcp/tools/table.hpp"

namespace lanewise::mcp {
namespace {

using Kind = Parameter::Kind;

bool is_pareto(const Json& row) { return row.contains("pareto") && row.at("pareto") == true; }

// All rows in the table's order where there is room; else those on the front first.
std::vector<const Json*> chosen(const Json& rows, std::size_t most) {
  std::vector<const Json*> all;
  for (const Json& row : rows) all.push_back(&row);
  if (all.size() > most) {
    std::stable_partition(all.begin(), all.end(), [](const Json* row) { return is_pareto(*row); });
    all.resize(most);
  }
  return all;
}

Json row_of(const Json& row) {
  Json out = picked(row, {"network", "settings", "followers", "engine_hash", "latency_ms", "latency_cycles",
                          "energy_uj", "average_power_mw", "area_mm2", "utilization", "dram_bytes", "bound_by",
                          "pareto", "limits_met", "violation", "in_range", "failure"});
  if (row.contains("interval")) out["interval"] = interval_ms(row);
  return out;
}

Json sweep_digest(const Json& answer, const Json& arguments, const Json& known) {
  const bool estimated = answer.at("source") == "estimated";
  Json out = picked(answer, {"engine", "engine_overrides", "engine_hash", "source", "tool_version", "objectives",
                             "limits", "rows_missing_limits", "free_keys"});
  Json networks;
  if (answer.contains("networks_like_this") && !answer.at("networks_like_this").empty()) {
    networks = answer.at("networks_like_this").front();
  }
  out["error"] = estimated ? estimator_error(answer, networks) : simulator_error(known.at("rtl_check"));
  const Json& rows = answer.at("rows");
  const std::size_t most = rows_of(arguments);
  out["rows"] = Json::array();
  for (const Json* row : chosen(rows, most)) out["rows"].push_back(row_of(*row));
  out["left_out"] = left_out(rows.size() - out["rows"].size(),
                             "the argument `rows` (up to 50), fewer values, or on the command line --json");
  const auto best = std::min_element(rows.begin(), rows.end(), [](const Json& a, const Json& b) {
    const auto latency = [](const Json& row) { return row.value("latency_ms", 1e300); };
    return latency(a) < latency(b);
  });
  const auto front = std::count_if(rows.begin(), rows.end(), is_pareto);
  std::string fastest = "none of them can run";
  if (best != rows.end() && best->contains("latency_ms")) {
    fastest = fmt::format("the fastest takes {} ms, bound by {}", short_number(best->at("latency_ms").get<double>()),
                          best->at("bound_by").get<std::string>());
  }
  out["summary"] = fmt::format("{} rows around {}, {}, {} of them on the Pareto front; {}; error: {}", rows.size(),
                               answer.at("engine").get<std::string>(), answer.at("source").get<std::string>(), front,
                               fastest, out["error"].at("text").get<std::string>());
  return out;
}

Json sweep_output() {
  const Json row = object_schema(
      "", {{"network", text_schema("Name")},
           {"settings", map_schema("The varied keys and their values", {{"type", "string"}})},
           {"followers", map_schema("Keys that followed them", {{"type", "string"}}), true},
           {"engine_hash", text_schema("Of the row's engine")},
           {"latency_ms", number_schema("ms"), true},
           {"latency_cycles", whole_schema("Cycles of the row's clock"), true},
           {"energy_uj", number_schema("uJ"), true},
           {"average_power_mw", number_schema("mW"), true},
           {"area_mm2", number_schema("mm2"), true},
           {"utilization", number_schema("0 to 1, of the array"), true},
           {"dram_bytes", whole_schema("B"), true},
           {"bound_by", text_schema("The resource that saves most if there is twice as much"), true},
           {"pareto", flag_schema("Whether no other engine here is better for the network in all objectives"), true},
           {"limits_met", flag_schema("Whether the row keeps all limits"), true},
           {"violation", number_schema("Misses of limits, summed, as shares of their bounds"), true},
           {"in_range", flag_schema("Whether it lies within what the estimator was trained on"), true},
           {"interval", interval_schema(), true},
           {"failure", text_schema("Why there is no such engine, or it cannot run the network"), true}});
  return object_schema(
      "",
      {{"summary", text_schema("The answer in one sentence")},
       {"engine", text_schema("Name of the engine that is varied")},
       {"engine_overrides", map_schema("Keys that `set` changed before", {{"type", "string"}})},
       {"engine_hash", text_schema("Of that engine")},
       {"source", text_schema("simulated or estimated: where all of these numbers come from")},
       {"tool_version", text_schema("Of lanewise")},
       {"objectives", list_schema("What Pareto marks are by", {{"type", "string"}})},
       {"limits", list_schema("What rows must keep", {{"type", "string"}}), true},
       {"rows_missing_limits", whole_schema("Rows that miss one"), true},
       {"free_keys", list_schema("Varied keys that cost neither area nor energy in the model", {{"type", "string"}})},
       {"error", error_schema()},
       {"rows", list_schema("Engines; where not all fit, those on the Pareto front first", row)},
       {"left_out", left_out_schema()}});
}

}  // namespace

Tool sweep_tool() {
  Tool tool{
      "sweep",
      "Compare engines",
      "Networks on every combination of values of engine keys: latency, energy, area, what bounds each and which "
      "are Pareto-optimal. Simulates, or estimates with `by`.",
      {"sweep"},
      {{"models", Kind::kFiles, "", "Networks: names that list_networks gives, or files", true, 0, 0, {}, "models"},
       engine_parameter(),
       {"vary", Kind::kVaried, "--vary",
        "Keys and their values, such as {\"engine.parallelism_factor\": [8, 16], \"dram.bandwidth\": [\"3.2 "
        "GB/s\"]}; also batch and dim.NAME; all combinations are tried",
        true}},
      sweep_output(),
      sweep_digest};
  for (const auto& more : {engine_change_parameters(), network_change_parameters()}) {
    tool.parameters.insert(tool.parameters.end(), more.begin(), more.end());
  }
  tool.parameters.insert(tool.parameters.end(),
                         {{"by",
                           Kind::kChoice,
                           "--by",
                           "Who answers; simulate where it is not given",
                           false,
                           0,
                           0,
                           {"simulate", "estimate"}},
                          {"objectives", Kind::kText, "--objectives",
                           "What Pareto marks are by: latency_ms,energy_uj,area_mm2 where it is not given"},
                          {"limits", Kind::kTexts, "--limit",
                           "What rows must keep, such as \"latency_ms<=5\" or \"area_mm2<=1.2*baseline\""},
                          {"sort", Kind::kText, "--sort",
                           "Metric that rows are ordered by, ascending, or descending with :desc behind it"},
                          rows_parameter()});
  tool.asks_engine = true;
  tool.several_processes = true;
  return tool;
}

}  // namespace lanewise::mcp
