// SPDX-License-Identifier: Apache-2.0
// Evaluates whole networks on engines held out from training: the training jobs it needs, and its report. Private to
// this module.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "estimator/intervals.hpp"
#include "estimator/network_report.hpp"
#include "estimator/targets.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {

// The folds are those of the intervals: latencies out of fold are there already, energy and memory are predicted here.
// To leave families out, too, they are dealt to as many groups: a fold of engines is predicted once more, for the
// networks of one group, without the rows that only networks of that group or their variants have. So each network is
// left out on one fold of the engines, and training takes no longer than for the folds.
class NetworkEvaluation {
 public:
  // Keeps references to all arguments. `folds` has to be dealt; its predictions are read by report() only.
  NetworkEvaluation(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& folds,
                    const TrainOptions& options);
  NetworkEvaluation(const NetworkEvaluation&) = delete;
  NetworkEvaluation& operator=(const NetworkEvaluation&) = delete;

  // Appends the training jobs, which refer to this object.
  void add_training(std::vector<std::function<void()>>& jobs);
  // To be called after the jobs have run. `difficulty`: as calibrate() gives it, of each sample. The intervals of a
  // network are taken from the networks of all other folds.
  NetworkReport report(const std::vector<double>& difficulty, const Intervals& intervals) const;

 private:
  struct Counted;
  void find_networks();
  void find_families();
  void predict(Target target, int fold);
  void predict_left_out(int fold);
  int fold_of(const MeasuredNetwork& network) const { return folds_.fold[network.parts.front().sample]; }
  bool left_out(std::size_t sample, int group) const;
  void add(const MeasuredNetwork& network, const std::vector<double>& latencies, const Interval intervals[],
           Counted& counted) const;

  const TrainingSet& set_;
  const std::vector<bool>& use_;
  const OutOfFold& folds_;
  const TrainOptions& options_;
  std::vector<MeasuredNetwork> networks_;  // complete ones only
  std::vector<NetworkFamily> families_;
  std::map<std::string, NetworkMix> mixes_;
  std::map<std::string, std::size_t> family_of_;  // by name of the network, index into families_
  // Out of fold, one per sample; 0: not predicted.
  std::vector<double> energy_, peak_, without_family_;
};

}  // namespace lanewise::estimator
