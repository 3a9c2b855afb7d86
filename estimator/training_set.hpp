// SPDX-License-Identifier: Apache-2.0
// Samples prepared for training: in a canonical order, with analytical model and features computed once. (The samples
// themselves, with their engines, are a study::SampleSet.)
// Private to this module.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "estimator/analytical_model.hpp"
#include "estimator/booster.hpp"
#include "estimator/estimator.hpp"
#include "estimator/targets.hpp"

namespace lanewise::estimator {

// The identity of a sample as text: equal for equal rows, whoever measured them.
struct SampleKeys {
  std::string engine_hash;
  std::string subgraph_key;
};
// One entry per sample; each engine is hashed once.
std::vector<SampleKeys> keys_of(const std::vector<Sample>& samples);

// Whether so many rows teach latency by a SmoothModel.
bool trains_smooth(const TrainOptions& options, std::size_t rows);

class TrainingSet {
 public:
  // Keeps a reference to `samples`. Throws Error for a sample whose latency is not positive.
  explicit TrainingSet(const std::vector<Sample>& samples, const Progress& progress = {});

  const std::vector<Sample>& samples() const { return samples_; }
  const std::vector<SampleKeys>& keys() const { return keys_; }
  // Indices of all samples in the order of their keys, which does not depend on the order of `samples`.
  const std::vector<std::size_t>& order() const { return order_; }
  const Analytic& analytic(std::size_t sample) const { return analytics_[sample]; }
  const std::vector<float>& features(std::size_t sample) const { return features_[sample]; }

  // Trains one target on the samples that `use` marks, in the order of their keys.
  Booster train(Target target, const std::vector<bool>& use, const TrainOptions& options) const;
  // The same regressor without the analytical model: log(cycles) from the first described_features() features alone.
  Booster train_without_bound(const std::vector<bool>& use, const TrainOptions& options) const;

 private:
  const std::vector<Sample>& samples_;
  std::vector<SampleKeys> keys_;
  std::vector<std::size_t> order_;
  std::vector<Analytic> analytics_;
  std::vector<std::vector<float>> features_;
};

}  // namespace lanewise::estimator
