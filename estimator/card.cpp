// SPDX-License-Identifier: Apache-2.0
#include "estimator/card.hpp"

#include "estimator/analytical_model.hpp"
#include "estimator/features.hpp"
#include "estimator/model.hpp"

namespace lanewise::estimator {

Card Estimator::card() const {
  const Model& m = *model_;
  Card card;
  card.tool_version = m.tool_version;
  card.measured_by = m.options.measured_by;
  card.schema_hash = model_schema_hash();
  card.analytical_version = kReferenceVersion;
  for (const Target target : kTargets) card.targets.emplace_back(name_of(target), unit_of(target));
  card.features = feature_names();
  card.family = m.family;
  card.rows = m.rows;
  card.engines = m.engines;
  card.networks = m.networks;
  card.campaigns = m.campaigns;
  for (const auto& [key, texts] : m.ranges.engine_texts) card.engine_ranges.push_back({key, texts.first, texts.second});
  card.subgraph_ranges = m.ranges.subgraphs;
  card.seed = m.options.seed;
  card.trees = m.options.trees;
  card.depth = m.options.depth;
  card.learning_rate = m.options.learning_rate;
  card.folds = m.intervals.folds;
  card.complete_networks = m.intervals.complete_networks;
  card.drawn_networks = m.intervals.drawn_networks;
  card.correlation = m.intervals.correlation;
  return card;
}

}  // namespace lanewise::estimator
