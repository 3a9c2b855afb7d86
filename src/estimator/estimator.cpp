// SPDX-License-Identifier: Apache-2.0
#include "estimator/estimator.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "estimator/feature_row.hpp"
#include "estimator/features.hpp"
#include "estimator/model.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {
namespace {

// Rows whose features go through the trees together, and are worth a thread: enough of them to pay for fetching each
// tree, few enough for their features to stay in the second-level cache.
constexpr std::size_t kBlockRows = 256;

std::vector<bool> rows_to_use(const std::vector<Sample>& samples, const std::vector<bool>& exclude) {
  if (!exclude.empty() && exclude.size() != samples.size()) {
    throw InternalError("the list of excluded samples has another length than the samples");
  }
  std::vector<bool> use(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    use[i] = !samples[i].outside_ranges && (exclude.empty() || !exclude[i]);
  }
  return use;
}

void widen_ranges(std::map<std::string, std::pair<double, double>>& ranges, const engine::EngineConfig& engine) {
  static const std::set<std::string> kTexts{"name", "family", "description"};
  for (const std::string& key : engine::parameter_keys()) {
    if (kTexts.count(key) != 0) continue;
    const double value = engine::numeric_value(engine, key);
    const auto [place, added] = ranges.try_emplace(key, value, value);
    if (added) continue;
    place->second.first = std::min(place->second.first, value);
    place->second.second = std::max(place->second.second, value);
  }
}

}  // namespace

Estimator::Estimator(std::unique_ptr<Model> model) : model_(std::move(model)) {}
Estimator::Estimator(Estimator&&) noexcept = default;
Estimator& Estimator::operator=(Estimator&&) noexcept = default;
Estimator::~Estimator() = default;

Estimator Estimator::train(const std::vector<Sample>& samples, const TrainOptions& options,
                           const std::vector<bool>& exclude) {
  const std::vector<bool> use = rows_to_use(samples, exclude);
  const TrainingSet set(samples);
  auto model = std::make_unique<Model>();
  model->options = options;
  std::set<std::string> engines;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!use[i]) continue;
    ++model->rows;
    const engine::EngineConfig& engine = *samples[i].engine;
    if (model->rows == 1) model->family = engine.family;
    if (engine.family != model->family) {
      throw Error("an estimator is trained on one family of engines, the rows hold '" +
                  std::min(model->family, engine.family) + "' and '" + std::max(model->family, engine.family) + "'");
    }
    if (engines.insert(set.keys()[i].engine_hash).second) widen_ranges(model->engine_ranges, engine);
  }
  if (model->rows == 0) throw Error("an estimator needs at least one measured row to train on");
  model->engines = static_cast<std::int64_t>(engines.size());
  run_jobs(kTargetCount, options.threads,
           [&](std::size_t i) { model->boosters[i] = set.train(kTargets[i], use, options); });
  return Estimator(std::move(model));
}

std::vector<Prediction> Estimator::predict_described(const std::vector<Query>& queries) const {
  std::vector<Prediction> predictions(queries.size());
  const std::size_t blocks = (queries.size() + kBlockRows - 1) / kBlockRows;
  run_jobs(blocks, model_->options.threads, [&](std::size_t block) {
    const std::size_t first = block * kBlockRows, count = std::min(kBlockRows, queries.size() - first);
    model_->predict(queries.data() + first, count, predictions.data() + first);
  });
  return predictions;
}

void Estimator::Model::predict(const Query* queries, std::size_t count, Prediction* predictions) const {
  const std::size_t columns = feature_names().size();
  std::vector<float> features;
  std::vector<Analytic> analytics;
  features.reserve(count * columns);
  analytics.reserve(count);
  for (std::size_t row = 0; row < count; ++row) {
    analytics.push_back(analyse(*queries[row].subgraph, *queries[row].engine));
    append_features(*queries[row].subgraph, *queries[row].engine, analytics.back(), features);
  }
  std::array<std::vector<float>, kTargetCount> ratios;
  for (std::size_t i = 0; i < kTargetCount; ++i)
    ratios[i] = boosters[i].forest().predict(features.data(), count, columns);
  for (std::size_t row = 0; row < count; ++row) {
    std::array<double, kTargetCount> row_ratios{};
    for (std::size_t i = 0; i < kTargetCount; ++i) row_ratios[i] = ratios[i][row];
    predictions[row] = to_prediction(row_ratios, analytics[row], *queries[row].engine);
  }
}

std::int64_t Estimator::training_rows() const { return model_->rows; }
std::int64_t Estimator::training_engines() const { return model_->engines; }
const std::string& Estimator::family() const { return model_->family; }
const std::map<std::string, std::pair<double, double>>& Estimator::engine_ranges() const {
  return model_->engine_ranges;
}
const std::map<std::string, SplitReport>& Estimator::reports() const { return model_->reports; }
void Estimator::set_reports(std::map<std::string, SplitReport> reports) { model_->reports = std::move(reports); }

}  // namespace lanewise::estimator
