// SPDX-License-Identifier: Apache-2.0
// Measuring where the model is least sure until it is as accurate as asked for, instead of all of a campaign.
//
// The campaign is the pool. Of the points that a split holds out, some are frozen: measured first, never trained on,
// never asked which points to measure. The others on their side are not measured at all. The rest is chosen from, round
// by round: train, look at the frozen points, choose, measure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/record/store.hpp"
#include "estimator/estimator.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/campaign/campaign.hpp"
#include "study/training/accuracy_target.hpp"

namespace lanewise::study {

enum class LearningStrategy {
  kActive,  // points where a model is expected to be wrong, drawn by how wrong; some at random
  kRandom,  // all at random
};
const char* to_string(LearningStrategy strategy);  // "active", "random"

// A quarter of the usual trees, each of which learns twice as much.
estimator::TrainOptions quick_training();

struct LearningSettings {
  AccuracyTarget target;
  estimator::Split split = estimator::Split::kUnseenShape;
  LearningStrategy strategy = LearningStrategy::kActive;
  std::int64_t first_rows = 1000;     // at random, before a model can choose
  std::int64_t batch_rows = 500;      // a round, 1 or more
  std::int64_t most_rows = 0;         // besides the frozen ones; 0: all of the pool
  std::int64_t hold_out_rows = 1500;  // frozen, at most
  double random_share = 0.15;         // of a batch, so that no corner stays unseen
  std::uint64_t seed = 1;
  // Of the models between the rounds, seeded by `seed`: quick ones.
  estimator::TrainOptions exploring = quick_training();
  // Where set, the target must hold for a model trained with these, too: those of the model that is wanted in the end.
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

// Measures what the store does not hold yet. The rows that it ends with depend on campaign and settings alone: not on
// the number of workers, and not on whether it was killed and called again, which makes the same choices again without
// measuring anything twice. Throws Error when the split holds out nothing or everything of the campaign, or when no
// frozen point could be measured; Interrupted.
LearningOutcome learn(const Campaign& campaign, const LearningSettings& settings, record::Store& store,
                      sim::WorkerPool& pool, const Progress& progress = {});

}  // namespace lanewise::study
