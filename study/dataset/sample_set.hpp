// SPDX-License-Identifier: Apache-2.0
// Stored measurements as the samples that an estimator is trained on.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/record/store.hpp"
#include "estimator/estimator.hpp"

namespace lanewise::study {

// Samples together with the engines that they point to.
struct SampleSet {
  std::deque<engine::EngineConfig> engines;       // the samples point into it, so the set is movable but not copyable
  std::vector<estimator::Sample> samples;         // in the store's order, which depends only on the rows
  std::int64_t failed = 0;                        // rows without a measurement, which are left out
  std::vector<record::CampaignRecord> campaigns;  // of the store
  std::string source;                             // of the rows, as Store::source

  SampleSet() = default;
  SampleSet(SampleSet&&) = default;
  SampleSet& operator=(SampleSet&&) = default;
  SampleSet(const SampleSet&) = delete;
  SampleSet& operator=(const SampleSet&) = delete;
};

// Loads the rows that this version of the tool measured. Throws Error naming the store when there are none.
SampleSet load_sample_set(const std::string& store_path, const Progress& progress = {});
SampleSet load_sample_set(const record::Store& store, const std::string& name, const Progress& progress = {});

// Trains on all samples, evaluates the three held-out splits, and keeps their accuracy and the campaigns in the model.
estimator::Estimator train_and_report(const SampleSet& set, const estimator::TrainOptions& options);

}  // namespace lanewise::study
