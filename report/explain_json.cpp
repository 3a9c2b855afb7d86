// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "report/feature_effects.hpp"
#include "report/json.hpp"
#include "report/subgraph_text.hpp"
#include "report/tile_chart.hpp"
#include "report/weights.hpp"
#include "study/evaluation/explanation.hpp"

namespace lanewise::report {
namespace {

Json operators_json(const study::Explanation& e) {
  Json out = Json::array();
  for (const network::OperatorId id : e.operators) {
    const network::Operator& op = e.graph->op(id);
    Json inputs = Json::array();
    for (const network::TensorId tensor : op.inputs) inputs.push_back(e.graph->tensor(tensor).shape);
    Json outputs = Json::array();
    for (const network::TensorId tensor : op.outputs) outputs.push_back(e.graph->tensor(tensor).shape);
    out.push_back({{"name", op.name},
                   {"kind", network::to_string(op.kind)},
                   {"source_type", op.source_type},
                   {"inputs", inputs},
                   {"outputs", outputs},
                   {"macs", network::macs(*e.graph, op)}});
  }
  return out;
}

Json tiles_json(const mapping::TilePlan& plan, const record::Timeline& timeline) {
  const std::size_t shown = std::min(kFirstTiles, plan.steps.size());
  const auto spans = tile_spans(timeline, shown);
  Json out = Json::array();
  for (std::size_t t = 0; t < shown; ++t) {
    const mapping::TileStep& step = plan.steps[t];
    Json units = Json::object();
    for (std::size_t u = 0; u < spans.size(); ++u) {
      if (!spans[u][t]) continue;
      units[timeline.units[u]] = {{"begin_cycle", spans[u][t]->begin}, {"end_cycle", spans[u][t]->end}};
    }
    out.push_back({{"input_load_bytes", step.input_load.bytes},
                   {"weight_load_bytes", step.weight_load.bytes},
                   {"operand_load_bytes", step.operand_load.bytes},
                   {"store_bytes", step.store.bytes},
                   {"macs", step.macs},
                   {"groups", step.groups},
                   {"pixels", step.pixels},
                   {"blocks", step.blocks},
                   {"busy", units}});
  }
  return out;
}

Json plan_json(const mapping::TilePlan& plan, const record::Timeline& timeline) {
  return {{"text", plan_text(plan)},
          {"loop_order", mapping::to_string(plan.order)},
          {"tiles", plan.steps.size()},
          {"tile_rows", plan.tile_rows},
          {"tile_columns", plan.tile_columns},
          {"tile_out_channels", plan.tile_out_channels},
          {"tile_in_channels", plan.tile_in_channels},
          {"input_buffers", plan.input_slots},
          {"weight_buffers", plan.weight_slots},
          {"operand_buffers", plan.operand_slots},
          {"output_buffers", plan.output_slots},
          {"stripe_pixels", plan.stripe_pixels},
          {"peak_sram_bytes", plan.peak_sram.count()},
          {"dram_read_bytes", plan.dram_read.count()},
          {"dram_write_bytes", plan.dram_write.count()},
          {"first_tiles", tiles_json(plan, timeline)}};
}

Json bounds_json(const mapping::Bounds& b) {
  return {{"mac_cycles", b.mac_cycles},
          {"array_cycles", b.array_cycles},
          {"post_cycles", b.post_cycles},
          {"dram_cycles", b.dram_cycles},
          {"activation_cycles", b.activation_cycles},
          {"weight_cycles", b.weight_cycles},
          {"roofline_cycles", b.roofline_cycles},
          {"dram_bytes", b.dram_bytes}};
}

void add_reasons(const study::PredictedSubgraph& p, Json& json) {
  json["interval"] = interval_json(p.interval);
  json["in_range"] = p.out_of_range.empty();
  json["out_of_range"] = p.out_of_range;
  json["closed_form_cycles"] = p.reasons.analytical_cycles;
  const FeatureEffects effects = feature_effects(p.reasons);
  json["usual_percent"] = effects.usual_percent;
  json["contributions"] = Json::array();
  for (const FeatureEffect& effect : effects.largest) {
    json["contributions"].push_back(
        {{"feature", effect.feature}, {"value", effect.value}, {"percent", effect.percent}});
  }
  json["other_features_percent"] = effects.others_percent;
  json["nearest_rows"] = Json::array();
  for (const estimator::Neighbour& row : p.reasons.nearest) {
    json["nearest_rows"].push_back({{"engine", row.engine},
                                    {"subgraph_key", row.subgraph_key},
                                    {"distance", row.distance},
                                    {"measured_cycles", row.measured_cycles},
                                    {"predicted_cycles", row.predicted_cycles}});
  }
}

Json explanation_json(const study::Explanation& e) {
  Json features = Json::object();
  for (const auto& [name, value] : e.features) features[name] = value;
  const record::Measurement& m = e.measurement;
  Json json = {{"network", e.network}, {"engine", e.engine}};
  add_identity(json, e.identity);
  json.update({{"tool_version", e.tool_version},
               {"operators", operators_json(e)},
               {"subgraph",
                {{"name", e.subgraph.name},
                 {"block", e.subgraph.block},
                 {"shape", shape_text(e.subgraph.shape)},
                 {"context", context_text(e.subgraph.shape, e.subgraph.context)},
                 {"key", mapping::subgraph_key(e.subgraph)},
                 {"cascade", e.subgraph.part.cascade < 0 ? Json(nullptr) : Json(e.subgraph.part.cascade)},
                 {"stripe", e.subgraph.part.stripe},
                 {"stripes", e.stripes}}},
               {"bounds", bounds_json(e.bounds)},
               {"plan", plan_json(e.plan, e.timeline)},
               {"simulated",
                {{"latency_cycles", m.latency.count()},
                 {"macs", m.macs},
                 {"utilization", m.utilization},
                 {"energy_uj", m.energy.count() / 1e6},
                 {"energy_breakdown_uj", {{"by_action", energy_parts_json(record::energy_by_action(m.energy_parts))}}},
                 {"dram_read_bytes", m.dram_read.count()},
                 {"dram_write_bytes", m.dram_write.count()},
                 {"sram_read_bytes", m.sram_read.count()},
                 {"sram_write_bytes", m.sram_write.count()},
                 {"peak_sram_bytes", m.peak_sram.count()},
                 {"bound_by", m.bound_by},
                 {"units", units_json(m.units)}}},
               {"features", features}});
  if (e.weights) json["subgraph"]["weights"] = weights_json(*e.weights);
  if (e.prediction) {
    const study::PredictedSubgraph& p = *e.prediction;
    json["predicted"] = {{"latency_cycles", p.latency_cycles},
                         {"energy_uj", p.energy_uj},
                         {"dram_bytes", p.dram_bytes},
                         {"peak_sram_bytes", p.peak_sram_bytes},
                         {"error_percent", p.error_percent}};
    add_estimator(json["predicted"], p.estimator, std::nullopt);
    json["predicted"]["held_out_rmspe_percent"] =
        p.held_out_rmspe_percent && !p.estimator.other_family ? Json(*p.held_out_rmspe_percent) : Json(nullptr);
    add_reasons(p, json["predicted"]);
  }
  return json;
}

}  // namespace

std::string to_json(const std::vector<study::Explanation>& explanations) {
  if (explanations.size() == 1) return dump(explanation_json(explanations.front()));
  Json out = Json::array();
  for (const study::Explanation& explanation : explanations) out.push_back(explanation_json(explanation));
  return dump(out);
}

}  // namespace lanewise::report
