// SPDX-License-Identifier: Apache-2.0
// The population of an evolution: those of the candidates that the next generation descends from.
//
// Source: Deb, Pratap, Agarwal and Meyarivan, A fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE
// Transactions on Evolutionary Computation 6(2), 2002.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/random.hpp"
#include "nas/problem.hpp"

namespace lanewise::nas {

struct Ranked {
  std::size_t member;  // index into all individuals
  std::size_t rank;
  double crowding;
};

// At most `size` of the candidates, indices into `all`: best fronts first, the last one thinned by crowding. Of members
// with equal objectives and violation only the first takes part; the others fill what would stay empty.
std::vector<Ranked> select_population(const std::vector<Individual>& all, const std::vector<std::size_t>& candidates,
                                      std::size_t size);
// The better of two that are drawn, as an index into all individuals. The population must not be empty.
std::size_t tournament(const std::vector<Ranked>& population, Random& random);

}  // namespace lanewise::nas
