// SPDX-License-Identifier: Apache-2.0
#include "report/adaptation.hpp"
#include "report/answer.hpp"
#include "report/json.hpp"
#include "report/network_accuracy.hpp"
#include "report/profile.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {
namespace {

void add_reliability(Json& out, const study::Reliability& known) {
  out["interval"] = known.interval ? Json{{"level", known.interval->level},
                                          {"low", known.interval->low_cycles},
                                          {"high", known.interval->high_cycles}}
                                   : Json(nullptr);
  out["in_range"] = known.in_range;
  out["out_of_range"] = known.out_of_range;
}

Json subgraph_json(const study::SubgraphAnswer& subgraph) {
  Json out = {{"name", subgraph.name},
              {"operators", subgraph.operators},
              {"block", subgraph.block},
              {"family", subgraph.family},
              {"macs", subgraph.macs},
              {"latency_cycles", subgraph.latency_cycles},
              {"in_network_cycles", subgraph.in_network_cycles},
              {"utilization", subgraph.utilization},
              {"energy_uj", subgraph.energy_uj},
              {"dram_bytes", subgraph.dram_bytes},
              {"peak_sram_bytes", subgraph.peak_sram_bytes},
              {"bound_by", subgraph.bound_by},
              {"cascade", subgraph.cascade < 0 ? Json(nullptr) : Json(subgraph.cascade)},
              {"stripes", subgraph.stripes},
              {"units", units_json(subgraph.units)}};
  if (subgraph.reliability) {
    out["source"] = record::to_string(subgraph.source);
    add_reliability(out, *subgraph.reliability);
  }
  return out;
}

Json answer_json(const study::NetworkAnswer& answer) {
  Json subgraphs = Json::array();
  for (const study::SubgraphAnswer& subgraph : answer.subgraphs) subgraphs.push_back(subgraph_json(subgraph));
  Json out = {{"network", answer.network},
              {"engine", answer.engine},
              {"source", record::to_string(answer.source)},
              {"tool_version", answer.tool_version},
              {"total", totals_json(answer.total)},
              {"between",
               {{"latency_cycles", answer.between.latency_cycles},
                {"energy_uj", answer.between.energy_uj},
                {"dram_bytes", answer.between.dram_bytes}}},
              {"memory", memory_json(answer.memory)},
              {"subgraphs", subgraphs}};
  if (answer.reliability) add_reliability(out["total"], *answer.reliability);
  if (answer.fallback) {
    out["fallback"] = {{"passes", answer.fallback->subgraphs},
                       {"latency_share_percent", answer.fallback->latency_share_percent}};
  }
  if (answer.rtl) {
    Json& check = out["rtl_check"];
    check = {{"family", answer.rtl->family}, {"rows", answer.rtl->rows}};
    if (answer.rtl->rows > 0) {
      check["mape_percent"] = answer.rtl->mape_percent;
      check["worst_percent"] = answer.rtl->worst_percent;
      check["source"] = answer.rtl->source;
      check["engine_differs"] = answer.rtl->engine_differs;
    }
    check["text"] = to_text(*answer.rtl);
  }
  if (answer.held_out_accuracy) {
    out["unseen_engine_error"] = {{"rows", answer.held_out_accuracy->rows},
                                  {"mape_percent", answer.held_out_accuracy->mape_percent},
                                  {"within_10_percent", answer.held_out_accuracy->within_10_percent}};
  }
  if (answer.networks_like_this) out["networks_like_this"] = networks_like_json(*answer.networks_like_this);
  if (answer.adapted) {
    const estimator::AdaptationNote& note = *answer.adapted;
    out["adapted"] = {{"engine", note.engine},
                      {"rows", note.rows},
                      {"before_mape_percent", note.before_mape_percent},
                      {"after_mape_percent", note.after_mape_percent},
                      {"holds", note.difference.empty()}};
    if (!note.difference.empty()) out["adapted"]["difference"] = note.difference;
    out["adapted"]["text"] = to_text(note);
  }
  if (answer.profile) out["profile"] = profile_json(*answer.profile);
  return out;
}

}  // namespace

Json units_json(const std::vector<record::UnitTime>& units) {
  Json out = Json::object();
  for (const record::UnitTime& unit : units) {
    Json stalled = Json::object();
    for (const record::StallTime& stall : unit.stalled) stalled[record::to_string(stall.cause)] = stall.cycles.count();
    out[record::to_string(unit.unit)] = {
        {"busy_cycles", unit.busy.count()}, {"stalled_cycles", stalled}, {"idle_cycles", unit.idle.count()}};
  }
  return out;
}

Json totals_json(const study::Totals& total) {
  return {{"latency_cycles", total.latency_cycles},
          {"latency_ms", total.latency_ms},
          {"inferences_per_second", total.inferences_per_second},
          {"macs", total.macs},
          {"parameters", total.parameters},
          {"parameter_bytes", total.parameter_bytes},
          {"utilization", total.utilization},
          {"energy_uj", total.energy_uj},
          {"average_power_mw", total.average_power_mw},
          {"area_mm2", total.area_mm2},
          {"dram_bytes", total.dram_bytes},
          {"peak_sram_bytes", total.peak_sram_bytes},
          {"peak_activation_bytes", total.peak_activation_bytes},
          {"bound_by", total.bound_by},
          {"host_share_percent", total.host_share_percent}};
}

std::string to_json(const std::vector<study::NetworkAnswer>& answers) {
  if (answers.size() == 1) return dump(answer_json(answers.front()));
  Json out = Json::array();
  for (const study::NetworkAnswer& answer : answers) out.push_back(answer_json(answer));
  return dump(out);
}

}  // namespace lanewise::report
