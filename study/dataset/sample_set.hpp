// SPDX-License-Identifier: Apache-2.0
// Stored measurements as what an estimator learns from.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/record/store.hpp"
#include "estimator/estimator.hpp"

namespace lanewise::study {

struct SampleSet {
  std::deque<engine::EngineConfig> engines;  // samples point into it: moved, never copied
  std::vector<estimator::Sample> samples;    // in the store's order, which depends on the rows alone
  std::int64_t failed = 0;                   // rows without a measurement, left out

  SampleSet() = default;
  SampleSet(SampleSet&&) = default;
  SampleSet& operator=(SampleSet&&) = default;
  SampleSet(const SampleSet&) = delete;
  SampleSet& operator=(const SampleSet&) = delete;
};

// Rows of this tool version. Throws Error naming the store when there are none.
SampleSet load_sample_set(const std::string& store_path);
SampleSet load_sample_set(const record::Store& store, const std::string& name);

// Trains on all samples and keeps the accuracy on the three held-out splits in the model.
estimator::Estimator train_and_report(const SampleSet& set, const estimator::TrainOptions& options);

}  // namespace lanewise::study
