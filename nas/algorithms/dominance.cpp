// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/dominance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lanewise::nas {

std::vector<std::vector<std::size_t>> non_dominated_sort(const std::vector<Evaluation>& evaluations) {
  const std::size_t count = evaluations.size();
  std::vector<std::vector<std::size_t>> beats(count);
  std::vector<std::size_t> beaten_by(count, 0);
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) {
      if (dominates(evaluations[a], evaluations[b])) {
        beats[a].push_back(b);
        ++beaten_by[b];
      } else if (dominates(evaluations[b], evaluations[a])) {
        beats[b].push_back(a);
        ++beaten_by[a];
      }
    }
  }
  std::vector<std::vector<std::size_t>> fronts;
  std::vector<std::size_t> current;
  for (std::size_t i = 0; i < count; ++i) {
    if (beaten_by[i] == 0) current.push_back(i);
  }
  while (!current.empty()) {
    std::vector<std::size_t> following;
    for (const std::size_t winner : current) {
      for (const std::size_t loser : beats[winner]) {
        if (--beaten_by[loser] == 0) following.push_back(loser);
      }
    }
    std::sort(following.begin(), following.end());
    fronts.push_back(std::move(current));
    current = std::move(following);
  }
  return fronts;
}

std::vector<double> crowding_distance(const std::vector<Evaluation>& evaluations,
                                      const std::vector<std::size_t>& front) {
  std::vector<double> distance(front.size(), 0.0);
  if (front.empty()) return distance;
  const std::size_t objectives = evaluations[front.front()].objectives.size();
  std::vector<std::size_t> order(front.size());
  for (std::size_t objective = 0; objective < objectives; ++objective) {
    const auto value = [&](std::size_t position) { return evaluations[front[order[position]]].objectives[objective]; };
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return evaluations[front[a]].objectives[objective] < evaluations[front[b]].objectives[objective];
    });
    const double extent = value(order.size() - 1) - value(0);
    if (!(extent > 0) || !std::isfinite(extent)) continue;
    distance[order.front()] = distance[order.back()] = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i + 1 < order.size(); ++i) distance[order[i]] += (value(i + 1) - value(i - 1)) / extent;
  }
  return distance;
}

}  // namespace lanewise::nas
