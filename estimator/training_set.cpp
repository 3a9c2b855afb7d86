// SPDX-License-Identifier: Apache-2.0
#include "estimator/training_set.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "core/base/error.hpp"
#include "estimator/feature_row.hpp"
#include "estimator/features.hpp"

namespace lanewise::estimator {

std::vector<SampleKeys> keys_of(const std::vector<Sample>& samples) {
  std::map<const engine::EngineConfig*, std::string> hashes;
  std::vector<SampleKeys> keys;
  keys.reserve(samples.size());
  for (const Sample& sample : samples) {
    std::string& hash = hashes[sample.engine];
    if (hash.empty()) hash = engine::engine_hash(*sample.engine);
    keys.push_back({hash, mapping::subgraph_key(sample.subgraph)});
  }
  return keys;
}

TrainingSet::TrainingSet(const std::vector<Sample>& samples, const Progress& progress)
    : samples_(samples), keys_(keys_of(samples)) {
  constexpr std::size_t kOften = 256;
  analytics_.reserve(samples.size());
  features_.resize(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    if (i % kOften == 0) {
      progress("building features", static_cast<std::int64_t>(i), static_cast<std::int64_t>(samples.size()));
    }
    if (sample.measurement.latency.count() <= 0) {
      throw Error("measurement of '" + keys_[i].subgraph_key + "' on engine " + sample.engine->name +
                  " has a latency of " + std::to_string(sample.measurement.latency.count()) +
                  " cycles: must be above 0");
    }
    analytics_.push_back(analyse(sample.subgraph, *sample.engine));
    features_[i].reserve(feature_names().size());
    append_features(sample.subgraph, *sample.engine, analytics_[i], features_[i]);
  }
  order_.resize(samples.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  // Rows of equal keys fall back on what they say, so that no order of the samples can show.
  const auto rank = [&](std::size_t i) {
    const record::Measurement& m = samples_[i].measurement;
    return std::make_tuple(std::cref(keys_[i].engine_hash), std::cref(keys_[i].subgraph_key), m.latency.count(),
                           m.energy.count(), m.dram_bytes().count(), m.peak_sram.count());
  };
  std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
}

bool trains_smooth(const TrainOptions& options, std::size_t rows) {
  // One row has no spread that lengths could be told by.
  return !options.measured_by.empty() && rows >= 2 && rows <= kMostSmoothRows;
}

namespace {

// Where the tiler takes the nominal tile its memory is known exactly, elsewhere it is anything: few rows are far off,
// and squares would make all others follow them.
constexpr double kPeakSlope = 0.02;

BoosterOptions booster_options(Target target, const TrainOptions& options) {
  BoosterOptions booster;
  booster.seed = options.seed;
  booster.trees = target == Target::kLatency ? options.trees : (options.trees + 1) / 2;
  booster.depth = options.depth;
  booster.learning_rate = options.learning_rate;
  if (target == Target::kPeakSram) booster.huber_slope = kPeakSlope;
  return booster;
}

}  // namespace

Booster TrainingSet::train(Target target, const std::vector<bool>& use, const TrainOptions& options) const {
  std::vector<float> rows, labels;
  for (const std::size_t i : order_) {
    const record::Measurement& m = samples_[i].measurement;
    if (!use[i] || !learnable(target, analytics_[i], m)) continue;
    rows.insert(rows.end(), features_[i].begin(), features_[i].end());
    labels.push_back(log_ratio(target, analytics_[i], m));
  }
  if (labels.empty()) {
    // Nothing to learn (say, no subgraph that touches DRAM): the analytical model stands as it is.
    rows.assign(feature_names().size(), 0.0F);
    labels.assign(1, 0.0F);
  }
  const bool smooth = target == Target::kLatency && trains_smooth(options, labels.size());
  return smooth ? Booster::train_smooth(rows, labels) : Booster::train(rows, labels, booster_options(target, options));
}

Booster TrainingSet::train_without_bound(const std::vector<bool>& use, const TrainOptions& options) const {
  std::vector<float> rows, labels;
  const auto columns = static_cast<std::ptrdiff_t>(described_features());
  for (const std::size_t i : order_) {
    if (!use[i]) continue;
    rows.insert(rows.end(), features_[i].begin(), features_[i].begin() + columns);
    labels.push_back(static_cast<float>(std::log(measured(Target::kLatency, samples_[i].measurement))));
  }
  if (labels.empty()) {  // a hold-out of everything there is
    rows.assign(described_features(), 0.0F);
    labels.assign(1, 0.0F);
  }
  return Booster::train(rows, labels, booster_options(Target::kLatency, options));
}

}  // namespace lanewise::estimator
