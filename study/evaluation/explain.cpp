// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/explain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/mapping/partition.hpp"
#include "estimator/features.hpp"
#include "sim/planning.hpp"
#include "sim/simulate.hpp"

namespace lanewise::study {
namespace {

// The name of the operator that `layer` means: an exact match, or the only operator whose name contains it.
std::string operator_named(const network::Graph& graph, const std::string& layer) {
  std::vector<std::string> near;
  for (const network::Operator& op : graph.operators()) {
    if (op.name == layer) return layer;
    if (!layer.empty() && op.name.find(layer) != std::string::npos) near.push_back(op.name);
  }
  if (near.size() == 1) return near.front();
  if (near.empty()) {
    throw Error(
        fmt::format("--layer {}: {} has no such operator; `lanewise network show` lists them", layer, graph.name()));
  }
  constexpr std::size_t kShown = 4;
  const std::size_t count = near.size();
  near.resize(std::min(count, kShown));
  throw Error(fmt::format("--layer {}: {} operators of {} have this in their name: {}{}", layer, count, graph.name(),
                          fmt::join(near, ", "), count > kShown ? ", …" : ""));
}

PredictedSubgraph predict(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                          const record::Measurement& measured, const estimator::Estimator& model, double level) {
  const estimator::Assessment assessment = model.assess({{&subgraph, &engine}}).front();
  const estimator::Prediction& prediction = assessment.prediction;
  PredictedSubgraph out;
  out.latency_cycles = prediction.latency.count();
  out.energy_uj = prediction.energy.count() / 1e6;
  out.dram_bytes = prediction.dram.count();
  out.peak_sram_bytes = prediction.peak_sram.count();
  if (measured.latency.count() > 0) {
    out.error_percent = 100.0 * static_cast<double>(out.latency_cycles - measured.latency.count()) /
                        static_cast<double>(measured.latency.count());
  }
  const auto split = model.reports().find(estimator::to_string(estimator::Split::kUnseenEngine));
  if (split != model.reports().end()) {
    const auto family = split->second.by_family.find(mapping::to_string(subgraph.shape.family));
    if (family != split->second.by_family.end()) out.held_out_rmspe_percent = family->second.rmspe_percent;
  }
  if (model.has_intervals()) {
    const estimator::Interval interval = model.interval(assessment, level);
    out.interval = LatencyInterval{level, interval.low, interval.high};
  }
  out.out_of_range = model.out_of_range(engine);
  out.out_of_range.insert(out.out_of_range.end(), assessment.out_of_range.begin(), assessment.out_of_range.end());
  out.estimator = {model.family(), engine.family != model.family()};
  out.reasons = model.reasons({&subgraph, &engine});
  return out;
}

}  // namespace

std::vector<Explanation> explain(const network::Graph& graph, const engine::EngineConfig& engine,
                                 const std::string& layer, const estimator::Estimator* model, double level) {
  const std::string name = operator_named(graph, layer);
  const auto shared = std::make_shared<const network::Graph>(graph);
  std::vector<Explanation> out;
  const mapping::Partition partition = mapping::partition_with_memory(graph, engine);
  for (const mapping::WholeSubgraph& whole : mapping::whole_subgraphs(partition)) {
    const mapping::Subgraph& subgraph = partition.subgraphs[whole.middle()];
    if (std::find(subgraph.operators.begin(), subgraph.operators.end(), name) == subgraph.operators.end()) continue;
    Explanation e;
    e.network = graph.name();
    e.engine = engine.name;
    e.identity = engine::identity_of(engine);
    e.tool_version = version();
    e.graph = shared;
    for (std::size_t i = 0; i < graph.operators().size(); ++i) {
      const std::string& candidate = graph.operators()[i].name;
      if (std::find(subgraph.operators.begin(), subgraph.operators.end(), candidate) != subgraph.operators.end()) {
        e.operators.push_back(static_cast<network::OperatorId>(i));
      }
    }
    e.subgraph = subgraph;
    e.stripes = static_cast<std::int64_t>(whole.parts.size());
    e.bounds = mapping::bounds(subgraph, engine);
    e.weights = weight_answer(subgraph.shape, engine);
    e.plan = sim::plan(subgraph, engine);
    e.measurement = std::move(sim::simulate_sequence({{&e.plan, &subgraph}}, engine, &e.timeline).front());
    const std::vector<std::string>& names = estimator::feature_names();
    const std::vector<float> values = estimator::feature_vector(subgraph, engine);
    for (std::size_t i = 0; i < names.size(); ++i) e.features.emplace_back(names[i], static_cast<double>(values[i]));
    if (model != nullptr) e.prediction = predict(subgraph, engine, e.measurement, *model, level);
    out.push_back(std::move(e));
  }
  if (out.empty()) {
    throw Error(
        fmt::format("--layer {}: {} costs nothing on {}: it only gives bytes another shape", layer, name, engine.name));
  }
  return out;
}

}  // namespace lanewise::study
