// SPDX-License-Identifier: Apache-2.0
// Prediction intervals by conformal prediction, wider where predictions are harder. The errors come from models that
// never saw the engine (K folds of engines, as in CV+: Barber et al., Annals of Statistics 2021). A second regressor
// learns the expected size of these errors, and the quantiles of error / expected size give the intervals of every
// level (normalised conformal scores: Lei et al., JASA 2018). docs/estimator.md has the details. Private to this
// module.
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

// The triple (parallelism, lanes, on-chip memory) as text, by which engines are held out.
std::string engine_triple(const engine::EngineConfig& engine);

// Predictions of each sample by a model that never saw its engine.
struct OutOfFold {
  int folds = 0;                  // 0: none
  std::vector<int> fold;          // one per sample; -1: not used
  std::vector<double> predicted;  // cycles, one per sample; 0: not used
};
// Assigns the engines of the samples that `use` marks to options.folds folds, all engines of a triple to the same one.
// There are no more folds than triples, and none at all where that leaves fewer than two or options.folds is below two.
OutOfFold deal_folds(const TrainingSet& set, const std::vector<bool>& use, const TrainOptions& options);
// Trains without one fold and predicts it. To be called once per fold, from any thread.
void predict_fold(const TrainingSet& set, const TrainOptions& options, int fold, OutOfFold& out);

// Appends one job per fold that calls predict_fold; the jobs keep references to the arguments.
void add_folds(const TrainingSet& set, const TrainOptions& options, OutOfFold& out,
               std::vector<std::function<void()>>& jobs);

// The calibrated part of a model.
struct Intervals {
  int folds = 0;  // 0: the model has no intervals
  Booster difficulty;
  double hardest = 0;  // upper bound on the difficulty of a subgraph
  ScoreQuantiles subgraphs, networks;
  // Correlation between the errors of a network's subgraphs on one engine, 0 to 1.
  double correlation = 0;
  std::int64_t complete_networks = 0, drawn_networks = 0;  // that `networks` is calibrated on

  // The interval around a prediction of `cycles` with the expected error `size`; it does not reach below `least`.
  Interval subgraph_interval(double cycles, double size, std::int64_t least, double level) const;
  // The interval around the sum of the parts.
  Interval network_interval(const std::vector<NetworkPart>& parts, double level) const;
  // The expected |log(measured / predicted)|, one per row; `features` is row-major.
  std::vector<double> difficulties(const std::vector<float>& features, std::size_t rows) const;
  // The same for a network's latency, from the cycles and difficulties of its distinct subgraphs.
  double network_difficulty(const std::vector<NetworkPart>& parts) const;
};

// Calibrates intervals on the out-of-fold predictions of the samples that `use` marks. `sizes`, unless it is null,
// receives the difficulty of each sample by a regressor that saw no row of its fold, 0 where there is none.
Intervals calibrate(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& out_of_fold,
                    const TrainOptions& options, std::vector<double>* sizes = nullptr);

// A measured and a predicted latency, in cycles.
struct Comparable {
  double measured = 0, predicted = 0;
};
// Counts how often the intervals of each level of kReportedLevels contained the measured latency.
class CoverageCount {
 public:
  // Counts one subgraph or network with its interval; `level` is an index into kReportedLevels.
  void add(std::size_t level, const Comparable& latency, const Interval& interval);
  std::vector<Coverage> report() const;

 private:
  std::map<std::size_t, std::vector<double>> widths_;  // by level, in percent of the prediction
  std::map<std::size_t, std::int64_t> covered_;
};

// A network's measured latency, and the predictions of its parts.
struct ComparedNetwork {
  double measured = 0;
  std::vector<NetworkPart> parts;
};
// Quantiles of the networks' errors, each over its difficulty, with every engine counting the same.
ScoreQuantiles network_scores(const TrainingSet& set, const std::vector<MeasuredNetwork>& networks,
                              const std::vector<double>& predicted, const std::vector<double>& difficulty,
                              double correlation);
// `predicted` and `difficulty` have one entry per sample.
ComparedNetwork compared(const MeasuredNetwork& network, const TrainingSet& set, const std::vector<double>& predicted,
                         const std::vector<double>& difficulty);

}  // namespace lanewise::estimator
