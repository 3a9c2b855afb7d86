// SPDX-License-Identifier: Apache-2.0
// How far from its prediction a measurement may lie: conformal intervals that widen where errors are harder to avoid.
// Errors are those of models that never saw the engine (K folds of engines, as in CV+: Barber et al., Annals of
// Statistics 2021); a second regressor learns their size, and quantiles of error over size give every level (normalised
// conformal scores: Lei et al., JASA 2018). docs/estimator.md. Private to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "estimator/booster.hpp"
#include "estimator/estimator.hpp"
#include "estimator/measured_networks.hpp"
#include "estimator/score_quantiles.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {

// A parallelism, lanes, on-chip memory triple, as text: what engines are held out by.
std::string engine_triple(const engine::EngineConfig& engine);

// What models that never saw a sample's engine said of it.
struct OutOfFold {
  int folds = 0;                  // 0: none
  std::vector<int> fold;          // of each sample; -1: not used
  std::vector<double> predicted;  // cycles, of each sample; 0 where not used
};
// Deals the engines of the samples that `use` marks to options.folds folds, those of one triple to one. Fewer folds
// where there are fewer triples; none below two, or where options.folds is below two.
OutOfFold deal_folds(const TrainingSet& set, const std::vector<bool>& use, const TrainOptions& options);
// Trains without one fold, then predicts it; to be called once a fold, from any thread.
void predict_fold(const TrainingSet& set, const TrainOptions& options, int fold, OutOfFold& out);

// Those calls as jobs, which refer to the arguments.
void add_folds(const TrainingSet& set, const TrainOptions& options, OutOfFold& out,
               std::vector<std::function<void()>>& jobs);

struct Intervals {
  int folds = 0;  // 0: there are none
  Booster difficulty;
  double hardest = 0;  // no subgraph counts as harder
  ScoreQuantiles subgraphs, networks;
  // How much the errors of a network's subgraphs on one engine have in common, 0 to 1.
  double correlation = 0;
  std::int64_t complete_networks = 0, drawn_networks = 0;  // calibrated on

  // Around a prediction of so many cycles; never below `least`.
  Interval subgraph_interval(double cycles, double size, std::int64_t least, double level) const;
  // Around the sum of the parts.
  Interval network_interval(const std::vector<NetworkPart>& parts, double level) const;
  // Expected size of |log(measured / predicted)| of each row of features.
  std::vector<double> difficulties(const std::vector<float>& features, std::size_t rows) const;
  // The same of a network's latency, from the cycles and difficulties of its subgraphs; equal subgraphs as one.
  double network_difficulty(const std::vector<NetworkPart>& parts) const;
};

// From the out-of-fold predictions of the samples that `use` marks.
Intervals calibrate(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& out_of_fold,
                    const TrainOptions& options);

// How often intervals of each of kReportedLevels held the measured latency. Empty where nothing was compared.
struct Comparable {
  double measured = 0, predicted = 0;
};
class CoverageCount {
 public:
  // One subgraph or network, with its interval at a reported level.
  void add(std::size_t level, const Comparable& latency, const Interval& interval);
  std::vector<Coverage> report() const;

 private:
  std::map<std::size_t, std::vector<double>> widths_;  // percent of the prediction
  std::map<std::size_t, std::int64_t> covered_;
};

// A network as its parts: what was measured, and what it was predicted to be.
struct ComparedNetwork {
  double measured = 0;
  std::vector<NetworkPart> parts;
};
// `predicted` and `difficulty`: of each sample.
ComparedNetwork compared(const MeasuredNetwork& network, const TrainingSet& set, const std::vector<double>& predicted,
                         const std::vector<double>& difficulty);

}  // namespace lanewise::estimator
