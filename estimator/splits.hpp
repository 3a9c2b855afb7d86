// SPDX-License-Identifier: Apache-2.0
// Evaluates the held-out splits of one training set: the training jobs they need, and their reports. Private to this
// module.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "estimator/booster.hpp"
#include "estimator/intervals.hpp"
#include "estimator/targets.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {

inline constexpr std::array<Split, 3> kSplits{Split::kRandom, Split::kUnseenEngine, Split::kUnseenShape};

class SplitEvaluation {
 public:
  // Keeps references to both arguments.
  SplitEvaluation(const TrainingSet& set, const TrainOptions& options);
  SplitEvaluation(const SplitEvaluation&) = delete;
  SplitEvaluation& operator=(const SplitEvaluation&) = delete;

  // Appends the training jobs, which refer to this object.
  void add_training(std::vector<std::function<void()>>& jobs);
  // To be called after the jobs have run. `out_of_fold`: predictions of all samples within the ranges.
  std::map<std::string, SplitReport> reports(const OutOfFold& out_of_fold) const;

 private:
  // One split: the rows trained on, the rows held out, and the regressors trained.
  struct Held {
    Split split = Split::kRandom;
    bool evaluated = true;
    std::vector<bool> use;
    std::vector<std::size_t> rows;
    std::array<Booster, kTargetCount> boosters;
    Booster without_bound;
  };
  SplitReport report(const Held& held, const OutOfFold& out_of_fold) const;
  Accuracy accuracy_without_bound(const Held& held) const;
  IntervalReport interval_report(const Held& held, const std::vector<float>& features,
                                 const std::vector<Prediction>& predictions, const Intervals& intervals) const;

  const TrainingSet& set_;
  const TrainOptions& options_;
  std::array<Held, kSplits.size()> held_;
  // Out-of-fold predictions on the training part of kUnseenEngine alone: the intervals tested on unseen engines must
  // not be calibrated on them. The other splits test rows of known engines and share the out-of-fold predictions of all
  // rows.
  OutOfFold without_unseen_engines_;
};

}  // namespace lanewise::estimator
