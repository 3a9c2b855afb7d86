// SPDX-License-Identifier: Apache-2.0
// Ranking under constraints: the parts of NSGA-II that know no genotype.
//
// Source: Deb, Pratap, Agarwal and Meyarivan, A fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE
// Transactions on Evolutionary Computation 6(2), 2002.
#pragma once

#include <cstddef>
#include <vector>

#include "nas/problem.hpp"

namespace lanewise::nas {

// Fronts of indices, best first; within a front ascending. Together they hold every index once.
std::vector<std::vector<std::size_t>> non_dominated_sort(const std::vector<Evaluation>& evaluations);

// Crowding distance of each member of `front`, in its order: the sum over objectives of the gap between its neighbours,
// relative to the front's extent; infinite at the ends. An objective without finite extent adds nothing.
std::vector<double> crowding_distance(const std::vector<Evaluation>& evaluations,
                                      const std::vector<std::size_t>& front);

}  // namespace lanewise::nas
