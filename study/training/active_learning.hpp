// SPDX-License-Identifier: Apache-2.0
// Active learning: instead of a whole campaign, measure the points about which the model is least sure, until it is as
// accurate as asked for.
//
// The campaign is the pool. Some of the points that a split holds out are frozen: they are measured first, never
// trained on, and have no say in which points to measure. The other held-out points are not measured at all. Points are
// chosen from the rest round by round: train, test on the frozen points, choose, measure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/record/store.hpp"
#include "estimator/estimator.hpp"
#include "study/campaign/campaign.hpp"
#include "study/training/accuracy_target.hpp"

namespace lanewise::study {

enum class LearningStrategy {
  // Points drawn in proportion to the error that the model expects there, and some at random. Where a program measures
  // (TrainOptions::measured_by): those that tell most about all others (SubgraphPool::most_telling), the first ones
  // too.
  kActive,
  kRandom,  // all at random
};
const char* to_string(LearningStrategy strategy);  // "active", "random"

// 150 trees instead of the usual 500, at a slightly higher learning rate.
estimator::TrainOptions quick_training();

struct LearningSettings {
  AccuracyTarget target;
  estimator::Split split = estimator::Split::kUnseenShape;
  LearningStrategy strategy = LearningStrategy::kActive;
  std::int64_t first_rows = 1000;     // before a model can choose
  std::int64_t batch_rows = 500;      // per round; at least 1
  std::int64_t most_rows = 0;         // besides the frozen ones; 0: the whole pool
  std::int64_t hold_out_rows = 1500;  // at most so many are frozen
  double random_share = 0.15;         // of a batch, so that no corner of the pool stays unseen
  std::uint64_t seed = 1;
  // Options of the models between the rounds, which are seeded by `seed`.
  estimator::TrainOptions exploring = quick_training();
  // Where set, the target must also hold for a model trained with these options, those of the final model.
  std::optional<estimator::TrainOptions> final_training;
};

struct LearningRound {
  std::int64_t rows = 0;         // that the model was trained on
  estimator::Accuracy accuracy;  // of latency, on the frozen points
};

enum class LearningEnd { kReached, kExhausted, kMostRows };
const char* to_string(LearningEnd end);  // "reached", "pool_exhausted", "most_rows"

struct LearningOutcome {
  std::vector<LearningRound> rounds;  // one or more
  LearningEnd end = LearningEnd::kReached;
  // Indices of the campaign's jobs, in their order.
  std::vector<std::size_t> frozen;
  std::vector<std::size_t> chosen;   // in the order in which they were chosen, failed ones included
  std::vector<std::size_t> refused;  // held out but not frozen, or beyond the ranges: neither measured nor trained on
  std::int64_t failed = 0;           // of the chosen ones
};

// The sizes where a row costs minutes: 20 rows to begin with, 10 a round, a hold-out of 60.
LearningSettings settings_of_dear_rows();

// Measures by `truth` what the store does not hold yet. The rows that it ends with depend on campaign and settings
// alone: not on the number of workers, and not on whether it was killed and called again, which makes the same choices
// again without measuring anything twice. Throws Error when the split holds out nothing or everything of the campaign,
// or when no frozen point could be measured; Interrupted.
LearningOutcome learn(const Campaign& campaign, const LearningSettings& settings, record::Store& store, Truth& truth,
                      const Progress& progress = {});
// The same by the simulator.
LearningOutcome learn(const Campaign& campaign, const LearningSettings& settings, record::Store& store,
                      sim::WorkerPool& pool, const Progress& progress = {});

}  // namespace lanewise::study
