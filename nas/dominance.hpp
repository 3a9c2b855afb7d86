// SPDX-License-Identifier: Apache-2.0
// Ranking under constraints: the parts of NSGA-II (Deb, Pratap, Agarwal and Meyarivan, 2002) that know no genotype.
#pragma once

#include <cstddef>
#include <vector>

#include "nas/search.hpp"

namespace lanewise::nas {

// Fronts of indices, best first; within a front ascending. Together they hold every index once.
std::vector<std::vector<std::size_t>> non_dominated_sort(const std::vector<Evaluation>& evaluations);

// Crowding distance of each member of `front`, in its order: the sum over objectives of the gap between its neighbours,
// relative to the front's extent; infinite at the ends. An objective without finite extent adds nothing.
std::vector<double> crowding_distance(const std::vector<Evaluation>& evaluations,
                                      const std::vector<std::size_t>& front);

}  // namespace lanewise::nas
