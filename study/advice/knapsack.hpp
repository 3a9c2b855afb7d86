// SPDX-License-Identifier: Apache-2.0
// The multiple-choice knapsack problem with several knapsacks, nearly solved. Private to this folder.
#pragma once

#include <cstddef>
#include <vector>

namespace lanewise::study {

struct KnapsackChoice {
  std::size_t group = 0;     // of each group at most one choice is taken
  double cost = 0;           // below 0: it saves
  std::vector<double> uses;  // of each knapsack; below 0: it gives
};

// Sets of choices, as indices in ascending order: near the least cost first, those that fit before those that do not.
// `room`: what is left in each knapsack; below 0 where too much is in it already. At most `wanted` sets, none empty.
std::vector<std::vector<std::size_t>> solve_knapsack(const std::vector<KnapsackChoice>& choices,
                                                     const std::vector<double>& room, std::size_t wanted);

}  // namespace lanewise::study
