// SPDX-License-Identifier: Apache-2.0
#include "estimator/score_quantiles.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.hpp"

namespace lanewise::estimator {

ScoreQuantiles ScoreQuantiles::of(const std::vector<double>& scores, const std::vector<double>& weights,
                                  double groups) {
  if (scores.size() != weights.size()) throw InternalError("scores and weights of different lengths");
  ScoreQuantiles result;
  result.groups = groups;
  if (scores.empty()) return result;
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  result.values.reserve(kSteps + 1);
  std::size_t rank = 0;
  double cumulative = weights[order[0]];
  for (std::size_t step = 0; step <= kSteps; ++step) {
    const double share = static_cast<double>(step) / static_cast<double>(kSteps);
    while (rank + 1 < order.size() && cumulative < share * total * (1 - 1e-12)) cumulative += weights[order[++rank]];
    result.values.push_back(scores[order[rank]]);
  }
  return result;
}

std::pair<double, double> ScoreQuantiles::at(double level) const {
  if (values.empty()) return {0, 0};
  const double covered = std::min(1.0, level * (1 + 1 / std::max(1.0, groups)));
  const double upper_share = (1 + covered) / 2;
  const auto step = static_cast<std::size_t>(std::ceil(upper_share * static_cast<double>(kSteps) - 1e-9));
  const std::size_t upper = std::min(step, kSteps);
  return {std::min(0.0, values[kSteps - upper]), std::max(0.0, values[upper])};
}

}  // namespace lanewise::estimator
