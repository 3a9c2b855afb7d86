// SPDX-License-Identifier: Apache-2.0
// Why a latency is predicted as it is. Nothing of this is kept ready: it is asked for one subgraph at a time.
#include <algorithm>
#include <cmath>

#include "estimator/estimator.hpp"
#include "estimator/feature_row.hpp"
#include "estimator/features.hpp"
#include "estimator/model.hpp"
#include "estimator/neighbour_index.hpp"
#include "estimator/xgboost_model.hpp"

namespace lanewise::estimator {

Reasons Estimator::reasons(const Query& query, std::size_t neighbours) const {
  const Analytic analytic = analyse(*query.subgraph, *query.engine);
  std::vector<float> features;
  append_features(*query.subgraph, *query.engine, analytic, features);
  Reasons out;
  out.analytical_cycles = analytical_value(Target::kLatency, analytic);
  const Booster& booster = model_->boosters[static_cast<std::size_t>(Target::kLatency)];
  out.nearest = NeighbourIndex::from_bytes(model_->neighbour_index).nearest(features, neighbours);
  const std::vector<std::string>& names = feature_names();
  if (booster.smooth() != nullptr) {  // its features act together: none has a share of its own
    out.usual_log_ratio = static_cast<double>(booster.predict(features, 1).front());
    return out;
  }
  const std::vector<float> added = XgboostModel::from_bytes(booster.to_bytes()).contributions(features);
  out.usual_log_ratio = static_cast<double>(added.back());
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.contributions.push_back({names[i], static_cast<double>(features[i]), static_cast<double>(added[i])});
  }
  std::stable_sort(
      out.contributions.begin(), out.contributions.end(),
      [](const Contribution& a, const Contribution& b) { return std::abs(a.log_ratio) > std::abs(b.log_ratio); });
  return out;
}

}  // namespace lanewise::estimator
