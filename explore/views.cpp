// SPDX-License-Identifier: Apache-2.0
#include "explore/views.hpp"

#include <utility>

#include "report/answer.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::explore {
namespace {

template <class T>
Json optional_json(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Known exactly from the design, whoever prices it.
bool is_counted(nas::Metric metric) {
  using nas::Metric;
  switch (metric) {
    case Metric::kArea:
    case Metric::kParameters:
    case Metric::kParameterBytes:
    case Metric::kPeakActivationBytes:
    case Metric::kMacs:
    case Metric::kMacsPerPixel:
      return true;
    default:
      return false;
  }
}

Json overrides_json(const std::vector<engine::Override>& changes) {
  Json out = Json::object();
  for (const engine::Override& change : changes) out[change.key] = change.value;
  return out;
}

}  // namespace

Json answer_json(const study::NetworkAnswer& answer) {
  study::NetworkAnswer brief = answer;
  brief.subgraphs.clear();
  brief.commands.clear();
  Json out = Json::parse(report::to_json(std::vector<study::NetworkAnswer>{std::move(brief)}));
  out.erase("subgraphs");
  out.erase("memory");
  return out;
}

Json metrics_json(const study::NetworkAnswer& answer) {
  const nas::Metrics values = study::metrics_of(answer.total);
  Json out = Json::object();
  for (const nas::MetricTraits& traits : nas::metrics()) {
    if (traits.metric != nas::Metric::kAccuracy) out[traits.name] = values[traits.metric];
  }
  return out;
}

Json layers_json(const study::NetworkAnswer& estimated, const study::NetworkAnswer* simulated) {
  // Both partition the same network on the same engine, and so have the same subgraphs.
  const bool both = simulated != nullptr && simulated->subgraphs.size() == estimated.subgraphs.size();
  Json out = Json::array();
  for (std::size_t i = 0; i < estimated.subgraphs.size(); ++i) {
    const study::SubgraphAnswer& e = estimated.subgraphs[i];
    Json layer = {{"name", e.name},           {"block", e.block},
                  {"family", e.family},       {"cycles", e.in_network_cycles},
                  {"energy_uj", e.energy_uj}, {"bound_by", e.bound_by}};
    if (e.reliability) {
      if (e.reliability->interval) {
        layer["low_cycles"] = e.reliability->interval->low_cycles;
        layer["high_cycles"] = e.reliability->interval->high_cycles;
      }
      layer["in_range"] = e.reliability->in_range;
    }
    if (both) {
      layer["simulated_cycles"] = simulated->subgraphs[i].in_network_cycles;
      layer["simulated_bound_by"] = simulated->subgraphs[i].bound_by;
    }
    out.push_back(std::move(layer));
  }
  return out;
}

Json errors_json(const EstimateErrors& errors) {
  return {{"latency_percent", optional_json(errors.latency_percent)},
          {"energy_percent", optional_json(errors.energy_percent)},
          {"dram_percent", optional_json(errors.dram_percent)},
          {"peak_sram_percent", optional_json(errors.peak_sram_percent)},
          {"within_interval", optional_json(errors.within_interval)}};
}

Json limits_json(const std::vector<CheckedLimit>& limits) {
  Json out = Json::array();
  for (const auto& [limit, check] : limits) {
    out.push_back({{"text", limit.text},
                   {"metric", nas::traits_of(limit.metric).name},
                   {"at_most", limit.at_most},
                   {"bound", check.bound},
                   {"value", check.value},
                   {"violation", check.violation},
                   {"uncertain", check.uncertain}});
  }
  return out;
}

Json design_json(const Design& design) {
  return {{"choice", choice_json(design.choice)},
          {"changes", overrides_json(design.changes)},
          {"followers", overrides_json(design.followers)},
          {"encoding", design.encoding}};
}

Json dials_json(const std::vector<Dial>& dials) {
  Json out = Json::array();
  for (const Dial& dial : dials) {
    out.push_back({{"name", dial.name},
                   {"group", dial.group},
                   {"first", dial.first},
                   {"listed", dial.listed},
                   {"values", dial.values},
                   {"trained", dial.trained},
                   {"given", dial.given},
                   {"meaning", dial.meaning},
                   {"notation", dial.notation},
                   {"low", dial.low},
                   {"high", dial.high}});
  }
  return out;
}

Json metrics_list_json() {
  Json out = Json::array();
  for (const nas::MetricTraits& traits : nas::metrics()) {
    if (traits.metric == nas::Metric::kAccuracy) continue;
    out.push_back({{"name", traits.name}, {"meaning", traits.meaning}, {"counted", is_counted(traits.metric)}});
  }
  return out;
}

}  // namespace lanewise::explore
