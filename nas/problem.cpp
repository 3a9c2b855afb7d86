// SPDX-License-Identifier: Apache-2.0
#include "nas/problem.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/error.hpp"

namespace lanewise::nas {

std::vector<Evaluation> Problem::known_beforehand(const std::vector<Genotype>&) const {
  throw InternalError("a problem without free objectives was asked for them");
}

bool dominates(const Evaluation& a, const Evaluation& b) {
  if (a.violation > 0 || b.violation > 0) return a.violation < b.violation;
  bool better = false;
  for (std::size_t i = 0; i < a.objectives.size(); ++i) {
    if (a.objectives[i] > b.objectives[i]) return false;
    better = better || a.objectives[i] < b.objectives[i];
  }
  return better;
}

std::vector<std::size_t> pareto_front(const std::vector<Evaluation>& evaluations) {
  // Ordered so that nobody is dominated by a later one: then each need only be held against the front so far.
  std::vector<std::size_t> order(evaluations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Evaluation& x = evaluations[a];
    const Evaluation& y = evaluations[b];
    if (x.violation != y.violation) return x.violation < y.violation;
    return x.objectives < y.objectives;
  });
  std::vector<std::size_t> front;
  for (const std::size_t candidate : order) {
    const bool beaten = std::any_of(front.begin(), front.end(), [&](std::size_t member) {
      return dominates(evaluations[member], evaluations[candidate]);
    });
    if (!beaten) front.push_back(candidate);
  }
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace lanewise::nas
