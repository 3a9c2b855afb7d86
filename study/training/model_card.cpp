// SPDX-License-Identifier: Apache-2.0
#include "study/training/model_card.hpp"

#include "core/base/version.hpp"
#include "estimator/estimator.hpp"
#include "report/adaptation.hpp"
#include "study/training/accuracy.hpp"

namespace lanewise::study {

report::ModelCard model_card(const std::string& path) {
  const estimator::Estimator model = estimator::Estimator::load(path);
  const estimator::Card card = model.card();
  report::ModelCard out;
  out.file = path;
  out.trained_by = card.tool_version;
  out.read_by = version();
  out.schema_hash = card.schema_hash;
  out.reference_version = card.reference_version;
  out.targets = card.targets;
  out.features = card.features;
  out.networks = card.networks;
  for (const estimator::Card::EngineRange& range : card.engine_ranges) {
    out.engine_ranges.push_back({range.key, range.low, range.high});
  }
  for (const auto& [family, features] : card.pass_ranges) {
    for (const auto& [feature, range] : features) {
      out.pass_ranges.push_back({family, feature, range.first, range.second});
    }
  }
  out.seed = card.seed;
  out.trees = card.trees;
  out.depth = card.depth;
  out.learning_rate = card.learning_rate;
  out.folds = card.folds;
  out.complete_networks = card.complete_networks;
  out.drawn_networks = card.drawn_networks;
  out.correlation = card.correlation;
  if (const estimator::Adaptation* adaptation = model.adaptation()) {
    out.adapted = to_text(report::AdaptationNote{adaptation->engine, adaptation->rows, adaptation->before_mape_percent,
                                                 adaptation->after_mape_percent, ""});
  }
  if (!model.reports().empty()) {
    out.accuracy = accuracy_report(model, path);
  } else {
    out.accuracy.rows = card.rows;
    out.accuracy.engines = card.engines;
    out.accuracy.family = card.family;
  }
  return out;
}

}  // namespace lanewise::study
