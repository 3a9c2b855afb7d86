// SPDX-License-Identifier: Apache-2.0
#include "report/adaptation.hpp"
#include "report/answer.hpp"
#include "report/json.hpp"
#include "report/network_accuracy.hpp"
#include "report/profile.hpp"
#include "report/rtl_check.hpp"
#include "report/weights.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {
namespace {

void add_reliability(Json& out, const study::Reliability& known) {
  out["interval"] = interval_json(known.interval);
  out["in_range"] = known.in_range;
  out["out_of_range"] = known.out_of_range;
}

Json gains_json(const engine::PerResource<double>& gains) {
  Json out = Json::object();
  for (const engine::ResourceName& name : engine::resource_names()) {
    if (gains[name.resource] > 0) out[name.text] = gains[name.resource];
  }
  return out;
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
              {"energy_breakdown_uj", energy_json(subgraph.energy_breakdown)},
              {"dram_bytes", subgraph.dram_bytes},
              {"peak_sram_bytes", subgraph.peak_sram_bytes},
              {"bound_by", subgraph.bound_by},
              {"saved_if_doubled_cycles", gains_json(subgraph.gains)},
              {"cascade", subgraph.cascade < 0 ? Json(nullptr) : Json(subgraph.cascade)},
              {"stripes", subgraph.stripes},
              {"units", units_json(subgraph.units)}};
  if (subgraph.weights) out["weights"] = weights_json(*subgraph.weights);
  if (subgraph.reliability) {
    out["source"] = record::to_string(subgraph.source);
    add_reliability(out, *subgraph.reliability);
  }
  return out;
}

Json answer_json(const study::NetworkAnswer& answer) {
  Json subgraphs = Json::array();
  for (const study::SubgraphAnswer& subgraph : answer.subgraphs) subgraphs.push_back(subgraph_json(subgraph));
  Json out = {{"network", answer.network}, {"engine", answer.engine}};
  add_sizes(out, answer.sizes);
  add_identity(out, answer.identity);
  out.update({{"source", record::to_string(answer.source)},
              {"tool_version", answer.tool_version},
              {"total", totals_json(answer.total)},
              {"between",
               {{"latency_cycles", answer.between.latency_cycles},
                {"energy_uj", answer.between.energy_uj},
                {"dram_bytes", answer.between.dram_bytes}}},
              {"memory", memory_json(answer.memory)},
              {"subgraphs", subgraphs}});
  if (Json weights = weights_json(answer.subgraphs); !weights.is_null()) out["total"]["weights"] = std::move(weights);
  if (answer.reliability) add_reliability(out["total"], *answer.reliability);
  if (answer.fallback) {
    out["fallback"] = {{"passes", answer.fallback->subgraphs},
                       {"latency_share_percent", answer.fallback->latency_share_percent}};
  }
  if (answer.rtl) out["rtl_check"] = rtl_check_json(*answer.rtl);
  add_estimator(out, answer.estimator, answer.held_out_accuracy);
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
  out["warnings"] = answer.warnings;
  if (answer.profile) out["profile"] = profile_json(*answer.profile);
  if (answer.sensitivity) out["sensitivity"] = sensitivity_json(*answer.sensitivity);
  return out;
}

}  // namespace

void add_identity(Json& out, const engine::EngineIdentity& identity) {
  out["engine_overrides"] = Json::object();
  for (const engine::Override& change : identity.overrides) out["engine_overrides"][change.key] = change.value;
  out["engine_hash"] = identity.hash;
}

Json rtl_check_json(const study::RtlCheckSummary& rtl) {
  Json check = {{"family", rtl.family}, {"rows", rtl.rows}};
  if (rtl.rows > 0) {
    check["mape_percent"] = rtl.mape_percent;
    check["worst_percent"] = rtl.worst_percent;
    check["source"] = rtl.source;
    check["engine_differs"] = rtl.engine_differs;
  }
  check["text"] = to_text(rtl);
  return check;
}

Json interval_json(const std::optional<study::LatencyInterval>& interval) {
  if (!interval) return nullptr;
  return {{"level", interval->level},
          {"low_cycles", interval->low_cycles},
          {"high_cycles", interval->high_cycles},
          {"low", interval->low_cycles},
          {"high", interval->high_cycles}};
}

void add_sizes(Json& out, const study::NetworkSizes& sizes) {
  if (sizes.batch) out["batch"] = *sizes.batch;
  for (const auto& [name, size] : sizes.dims) out["dims"][name] = size;
}

void add_estimator(Json& out, const std::optional<study::EstimatorNote>& estimator,
                   const std::optional<estimator::Accuracy>& held_out) {
  if (estimator) {
    out["estimator_family"] = estimator->family;
    out["other_family"] = estimator->other_family;
  }
  // Of engines of the family that it was trained on: not a word about this one.
  if (estimator && estimator->other_family) {
    out["unseen_engine_error"] = nullptr;
  } else if (held_out) {
    out["unseen_engine_error"] = {{"rows", held_out->rows},
                                  {"mape_percent", held_out->mape_percent},
                                  {"within_10_percent", held_out->within_10_percent}};
  }
}

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
          {"macs_per_pixel", static_cast<double>(total.macs) / static_cast<double>(total.input_pixels)},
          {"parameters", total.parameters},
          {"parameter_bytes", total.parameter_bytes},
          {"utilization", total.utilization},
          {"energy_uj", total.energy_uj},
          {"energy_breakdown_uj", energy_json(total.energy_breakdown)},
          {"average_power_mw", total.average_power_mw},
          {"area_mm2", total.area_mm2},
          {"area_breakdown_mm2", area_json(total.area_breakdown)},
          {"dram_bytes", total.dram_bytes},
          {"peak_sram_bytes", total.peak_sram_bytes},
          {"peak_activation_bytes", total.peak_activation_bytes},
          {"bound_by", total.bound_by},
          {"bound_by_keys", total.bound_by_keys},
          {"saved_if_doubled_cycles", gains_json(total.gains)},
          {"host_share_percent", total.host_share_percent}};
}

std::string to_json(const std::vector<study::NetworkAnswer>& answers) {
  if (answers.size() == 1) return dump(answer_json(answers.front()));
  Json out = Json::array();
  for (const study::NetworkAnswer& answer : answers) out.push_back(answer_json(answer));
  return dump(out);
}

}  // namespace lanewise::report
