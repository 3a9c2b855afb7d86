// SPDX-License-Identifier: Apache-2.0
// What errors were, in units of what was expected of them: the quantiles that intervals are cut from. Private to this
// room.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace lanewise::estimator {

struct ScoreQuantiles {
  static constexpr std::size_t kSteps = 1000;
  std::vector<double> values;  // kSteps + 1 of them, at 0, 1 / kSteps … 1; empty: nothing was calibrated
  double groups = 0;           // engines behind them

  // `scores` with a weight above 0 each. Scores of one engine hang together, so it is engines that are counted: their
  // weights should add up to the same for each.
  static ScoreQuantiles of(const std::vector<double>& scores, const std::vector<double>& weights, double groups);

  // Between which scores a new engine's lie at this level in (0, 1), each side holding half of what is left out, never
  // without 0. As one more engine may lie anywhere, level x (1 + 1 / groups) of the scores have to be held: the
  // correction of split conformal prediction (Lei et al., JASA 2018; Romano et al., NeurIPS 2019, for two sides at
  // once), with engines in the place of points (Dunn, Wasserman, Ramdas, JASA 2023).
  std::pair<double, double> at(double level) const;
};

}  // namespace lanewise::estimator
