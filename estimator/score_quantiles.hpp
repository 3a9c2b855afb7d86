// SPDX-License-Identifier: Apache-2.0
// The empirical quantiles of conformal scores (error / expected error) that prediction intervals are derived from.
// Private to this module.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace lanewise::estimator {

// An empirical quantile function on a regular grid.
struct ScoreQuantiles {
  static constexpr std::size_t kSteps = 1000;
  std::vector<double> values;  // kSteps + 1 quantiles, at 0, 1 / kSteps, …, 1; empty: nothing was calibrated
  double groups = 0;           // number of engines that the scores come from

  // `scores` and `weights` have equal length, and weights are positive; InternalError where lengths differ. Scores of
  // one engine are not independent, so engines count, not scores: the weights of every engine should have the same sum.
  static ScoreQuantiles of(const std::vector<double>& scores, const std::vector<double>& weights, double groups);

  // The two-sided interval of scores that contains the score of a new engine with the probability `level`, in (0, 1).
  // Each tail has half of the remaining probability, and the interval always contains 0. Since the new engine's score
  // is exchangeable with the others, the interval covers the share level x (1 + 1 / groups) of them: the finite-sample
  // correction of split conformal prediction (Lei et al., JASA 2018; two-sided: Romano et al., NeurIPS 2019), with
  // groups in place of points (Dunn, Wasserman and Ramdas, JASA 2023).
  std::pair<double, double> at(double level) const;
};

}  // namespace lanewise::estimator
