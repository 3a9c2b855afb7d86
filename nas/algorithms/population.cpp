// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/population.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "nas/algorithms/dominance.hpp"

namespace lanewise::nas {

std::vector<Ranked> select_population(const std::vector<Individual>& all, const std::vector<std::size_t>& candidates,
                                      std::size_t size) {
  std::map<std::pair<double, std::vector<double>>, std::size_t> first;
  std::vector<std::size_t> unique, repeated;
  for (const std::size_t member : candidates) {
    const Evaluation& evaluation = all[member].evaluation;
    const bool added = first.emplace(std::make_pair(evaluation.violation, evaluation.objectives), member).second;
    (added ? unique : repeated).push_back(member);
  }
  std::vector<Evaluation> evaluations;
  for (const std::size_t member : unique) evaluations.push_back(all[member].evaluation);
  const std::vector<std::vector<std::size_t>> fronts = non_dominated_sort(evaluations);
  std::vector<Ranked> population;
  for (std::size_t rank = 0; rank < fronts.size() && population.size() < size; ++rank) {
    std::vector<Ranked> front;
    const std::vector<double> crowding = crowding_distance(evaluations, fronts[rank]);
    for (std::size_t i = 0; i < fronts[rank].size(); ++i) front.push_back({unique[fronts[rank][i]], rank, crowding[i]});
    std::stable_sort(front.begin(), front.end(),
                     [](const Ranked& a, const Ranked& b) { return a.crowding > b.crowding; });
    front.resize(std::min(front.size(), size - population.size()));
    population.insert(population.end(), front.begin(), front.end());
  }
  for (const std::size_t member : repeated) {
    if (population.size() >= size) break;
    population.push_back({member, fronts.size(), 0.0});
  }
  return population;
}

std::size_t tournament(const std::vector<Ranked>& population, Random& random) {
  const Ranked& a = random.pick(population);
  const Ranked& b = random.pick(population);
  if (a.rank != b.rank) return a.rank < b.rank ? a.member : b.member;
  return a.crowding >= b.crowding ? a.member : b.member;
}

}  // namespace lanewise::nas
