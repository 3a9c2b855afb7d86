// SPDX-License-Identifier: Apache-2.0
// What a network costs on an engine: simulate and estimate.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mcp/tools/table.hpp"

namespace lanewise::mcp {
namespace {

using Kind = Parameter::Kind;

// The most costly subgraphs first.
Json costly(const Json& answer, std::size_t rows) {
  std::vector<const Json*> subgraphs;
  for (const Json& subgraph : answer.at("subgraphs")) subgraphs.push_back(&subgraph);
  std::stable_sort(subgraphs.begin(), subgraphs.end(), [](const Json* a, const Json* b) {
    return a->at("in_network_cycles").get<double>() > b->at("in_network_cycles").get<double>();
  });
  subgraphs.resize(std::min(subgraphs.size(), rows));
  const double whole = std::max(answer.at("total").at("latency_cycles").get<double>(), 1.0);
  Json out = Json::array();
  for (const Json* subgraph : subgraphs) {
    Json one = picked(*subgraph, {"name", "family", "in_network_cycles", "bound_by", "utilization", "energy_uj"});
    one["latency_share_percent"] = 100 * subgraph->at("in_network_cycles").get<double>() / whole;
    if (subgraph->contains("in_range")) one["in_range"] = subgraph->at("in_range");
    out.push_back(std::move(one));
  }
  return out;
}

// Percent of the latency that twice as much of a resource saves, the five largest.
Json savings(const Json& total) {
  std::vector<std::pair<double, std::string>> all;
  const double whole = std::max(total.at("latency_cycles").get<double>(), 1.0);
  for (const auto& [resource, cycles] : total.at("saved_if_doubled_cycles").items()) {
    all.emplace_back(100 * cycles.get<double>() / whole, resource);
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  constexpr std::size_t kMost = 5;
  Json out = Json::object();
  for (std::size_t i = 0; i < std::min(all.size(), kMost); ++i) out[all[i].second] = all[i].first;
  return out;
}

Json network_cost_digest(const Json& answer, const Json& arguments, const Json&) {
  const Json& total = answer.at("total");
  const bool estimated = answer.at("source") == "estimated";
  Json out = picked(answer, {"network", "engine", "engine_overrides", "engine_hash", "source", "tool_version"});
  out.update(picked(
      total, {"latency_ms", "latency_cycles", "inferences_per_second", "energy_uj", "average_power_mw", "area_mm2",
              "utilization", "macs", "parameters", "dram_bytes", "peak_sram_bytes", "host_share_percent"}));
  out["interval"] = interval_ms(total);
  if (estimated) {
    out["in_range"] = total.at("in_range");
    Json reasons = Json::array();
    for (const Json& reason : total.at("out_of_range")) {
      if (reasons.size() < rows_of(arguments)) reasons.push_back(reason);
    }
    out["out_of_range"] = std::move(reasons);
  }
  const Json saved = savings(total);
  const std::string bound = total.at("bound_by").get<std::string>();
  out["cause"] = {{"bound_by", bound}, {"keys", total.at("bound_by_keys")}, {"saved_if_doubled_percent", saved}};
  const Json networks = answer.contains("networks_like_this") ? answer.at("networks_like_this") : Json(nullptr);
  out["error"] = estimated ? estimator_error(answer, networks) : simulator_error(answer.at("rtl_check"));
  const std::size_t rows = rows_of(arguments), count = answer.at("subgraphs").size();
  out["subgraphs"] = costly(answer, rows);
  out["left_out"] = left_out(count - std::min(count, rows),
                             "the argument `rows` (up to 50), or on the command line --json, which has all subgraphs");
  out["warnings"] = answer.at("warnings");
  const auto worth = saved.find(bound);
  out["summary"] = fmt::format(
      "{} on {}: {} ms, {} uJ, {}; bound by {}{}; error: {}", answer.at("network").get<std::string>(),
      answer.at("engine").get<std::string>(), short_number(total.at("latency_ms").get<double>()),
      short_number(total.at("energy_uj").get<double>()), answer.at("source").get<std::string>(), bound,
      worth == saved.end() ? "" : fmt::format(", twice as much saves {} %", short_number(worth->get<double>())),
      out["error"].at("text").get<std::string>());
  return out;
}

Json network_cost_output(bool estimated) {
  std::vector<Field> fields = {
      {"summary", text_schema("The answer in one sentence")},
      {"network", text_schema("Name")},
      {"engine", text_schema("Name")},
      {"engine_overrides",
       map_schema("Engine keys that were changed from the file, and their values", {{"type", "string"}})},
      {"engine_hash", text_schema("The same exactly where no measurement of engines can differ")},
      {"source", text_schema("simulated or estimated: where all of these numbers come from")},
      {"tool_version", text_schema("Of lanewise")},
      {"latency_ms", number_schema("ms, one run of the whole network")},
      {"latency_cycles", whole_schema("Cycles of the engine's clock")},
      {"inferences_per_second", number_schema("1/s, images of the batch over the latency")},
      {"energy_uj", number_schema("uJ, of one run")},
      {"average_power_mw", number_schema("mW, energy over latency")},
      {"area_mm2", number_schema("mm2, of the engine")},
      {"utilization", number_schema("0 to 1, MACs over latency and what the array could do")},
      {"macs", whole_schema("Multiply-accumulates of the network")},
      {"parameters", whole_schema("Of the network")},
      {"dram_bytes", whole_schema("B, read and written")},
      {"peak_sram_bytes", whole_schema("B, on-chip memory of the subgraph that takes the most")},
      {"host_share_percent", number_schema("%, of the latency, in operators that the engine leaves to a host")},
      {"interval", interval_schema()}};
  if (estimated) {
    fields.push_back(
        {"in_range", flag_schema("Whether engine and network lie within what the estimator was trained on")});
    fields.push_back({"out_of_range", list_schema("What does not", {{"type", "string"}})});
  }
  std::vector<Field> subgraph = {{"name", text_schema("Its main operator")},
                                 {"family", text_schema("convolution, depthwise, matmul and so on")},
                                 {"in_network_cycles", whole_schema("Cycles since its predecessor was done")},
                                 {"bound_by", text_schema("The resource that would save most of this subgraph")},
                                 {"utilization", number_schema("0 to 1, of the array")},
                                 {"energy_uj", number_schema("uJ")},
                                 {"latency_share_percent", number_schema("%, of the network's latency")}};
  if (estimated) subgraph.push_back({"in_range", flag_schema("As of the whole")});
  fields.insert(
      fields.end(),
      {{"cause",
        object_schema("Why it takes that long",
                      {{"bound_by", text_schema("The resource that saves most if there is twice as much")},
                       {"keys", list_schema("Engine keys that make it so", {{"type", "string"}})},
                       {"saved_if_doubled_percent",
                        map_schema("%, of the latency, by resource, the five largest", {{"type", "number"}})}})},
       {"error", error_schema()},
       {"subgraphs", list_schema("Fused commands of the engine, the most costly first", object_schema("", subgraph))},
       {"left_out", left_out_schema()},
       {"warnings", list_schema("Rules of scale that the engine breaks", {{"type", "string"}})}});
  return object_schema("", fields);
}

std::vector<Parameter> parameters() {
  std::vector<Parameter> all = {network_parameter(), engine_parameter()};
  for (const auto& more : {engine_change_parameters(), network_change_parameters()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace

Tool simulate_tool() {
  Tool tool{"simulate",
            "Simulate a network on an engine",
            "Latency, energy and area of a network on a neural engine, measured on a cycle-approximate SystemC model, "
            "with what bounds it. Takes about a second.",
            {"simulate"},
            parameters(),
            network_cost_output(false),
            network_cost_digest};
  tool.parameters.push_back(rows_parameter());
  return tool;
}

Tool estimate_tool() {
  Tool tool{"estimate",
            "Estimate a network on an engine",
            "The same as simulate, predicted by a trained regressor in a fraction of the time, with an interval, and "
            "whether it lies within what was trained on. Needs an estimator of the engine's family.",
            {"estimate"},
            parameters(),
            network_cost_output(true),
            network_cost_digest};
  tool.parameters.push_back({"level", Kind::kNumber, "--level",
                             "Probability with which the interval holds the simulated latency; 0.9 where it is not "
                             "given",
                             false, 0.01, 0.999});
  tool.parameters.push_back(
      {"estimator", Kind::kFile, "--estimator", "Model file (.lwm); the engine family's own where it is not given"});
  tool.parameters.push_back(rows_parameter());
  return tool;
}

}  // namespace lanewise::mcp
