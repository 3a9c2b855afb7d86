// SPDX-License-Identifier: Apache-2.0
// Answers for the engine as it was measured: latency with its effective values, everything else as described.
#include <algorithm>
#include <deque>
#include <map>

#include "estimator/adaptation.hpp"
#include "estimator/analytical_model.hpp"
#include "estimator/estimator.hpp"
#include "estimator/feature_row.hpp"
#include "estimator/features.hpp"
#include "estimator/model.hpp"
#include "estimator/targets.hpp"

namespace lanewise::estimator {
namespace {

constexpr double kPicojoulesPerMilliwattSecond = 1e9;

// The other engine's latency, and what the engine draws at rest for as long as that takes.
void take_latency(Prediction& prediction, Cycles latency, const engine::EngineConfig& engine) {
  const double seconds =
      static_cast<double>((latency - prediction.latency).count()) / engine.array.clock.count();  // below 0: sooner
  const Picojoules at_rest(engine.static_power().count() * seconds * kPicojoulesPerMilliwattSecond);
  prediction.energy = std::max(Picojoules(0), prediction.energy + at_rest);
  prediction.latency = latency;
}

}  // namespace

std::vector<Prediction> Estimator::predict(const std::vector<Query>& queries) const {
  if (!model_->adaptation) return predict_described(queries);
  const Adaptation& adaptation = *model_->adaptation;
  std::map<const engine::EngineConfig*, const engine::EngineConfig*> effective;  // nullptr: none
  std::deque<engine::EngineConfig> made;
  std::vector<std::size_t> adapted;
  std::vector<Query> asked = queries;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto [place, is_new] = effective.try_emplace(queries[i].engine, nullptr);
    if (is_new && adaptation_difference(adaptation, *queries[i].engine).empty()) {
      made.push_back(effective_engine(adaptation, *queries[i].engine));
      place->second = &made.back();
    }
    if (place->second == nullptr) continue;
    adapted.push_back(i);
    asked.push_back({queries[i].subgraph, place->second});
  }
  std::vector<Prediction> predictions = predict_described(asked);
  for (std::size_t j = 0; j < adapted.size(); ++j) {
    const Query& query = asked[queries.size() + j];
    const Cycles latency = corrected_latency(predictions[queries.size() + j].latency,
                                             query.engine->launch_cycles() + query.engine->command.per_pass,
                                             correction_factor(adaptation.correction, *query.subgraph, *query.engine));
    take_latency(predictions[adapted[j]], latency, *queries[adapted[j]].engine);
  }
  predictions.resize(queries.size());
  return predictions;
}

std::vector<Prediction> Estimator::predict(const std::vector<Query>& queries, const Wanted& wanted) const {
  // The energy of an adapted engine follows from its latency.
  return model_->adaptation ? predict(queries) : predict_described(queries, wanted);
}

std::vector<Cycles> Estimator::predict_latencies(const std::vector<Query>& queries) const {
  std::vector<float> features;
  std::vector<Analytic> analytics;
  features.reserve(queries.size() * feature_names().size());
  analytics.reserve(queries.size());
  for (const Query& query : queries) {
    analytics.push_back(analyse(*query.subgraph, *query.engine));
    append_features(*query.subgraph, *query.engine, analytics.back(), features);
  }
  constexpr auto kIndex = static_cast<std::size_t>(Target::kLatency);
  const std::vector<float> ratios =
      model_->boosters[kIndex].predict(features.data(), queries.size(), feature_names().size());
  std::vector<Cycles> latencies;
  latencies.reserve(queries.size());
  for (std::size_t row = 0; row < queries.size(); ++row) {
    std::array<double, kTargetCount> only{};
    only[kIndex] = ratios[row];
    latencies.push_back(to_prediction(only, analytics[row], *queries[row].engine).latency);
  }
  return latencies;
}

const Adaptation* Estimator::adaptation() const { return model_->adaptation ? &*model_->adaptation : nullptr; }

void Estimator::set_campaigns(std::vector<record::CampaignRecord> campaigns) {
  model_->campaigns = std::move(campaigns);
}

void Estimator::set_adaptation(std::optional<Adaptation> adaptation) { model_->adaptation = std::move(adaptation); }

}  // namespace lanewise::estimator
