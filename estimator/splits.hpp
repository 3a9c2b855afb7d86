// SPDX-License-Identifier: Apache-2.0
// The held-out splits of one training set: what has to be trained for them, and what comes out. Private to this room.
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
  // Keeps references to both.
  SplitEvaluation(const TrainingSet& set, const TrainOptions& options);
  SplitEvaluation(const SplitEvaluation&) = delete;
  SplitEvaluation& operator=(const SplitEvaluation&) = delete;

  // Puts what has to be trained into `jobs`, which refer to this object.
  void add_training(std::vector<std::function<void()>>& jobs);
  // Once they have run. `out_of_fold`: of all samples within the ranges.
  std::map<std::string, SplitReport> reports(const OutOfFold& out_of_fold) const;

 private:
  // One split's rows: which teach, which test, and the boosters between them.
  struct Held {
    Split split = Split::kRandom;
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
  // Of the unseen engines' training part alone: what tests it must not know them. The other splits test rows of engines
  // that were trained on, and share the out-of-fold predictions of all.
  OutOfFold without_unseen_engines_;
};

}  // namespace lanewise::estimator
