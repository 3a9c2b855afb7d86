// SPDX-License-Identifier: Apache-2.0
// The same search under many seeds, side by side: how stable it is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nas/algorithms/algorithm.hpp"
#include "nas/problem.hpp"

namespace lanewise::nas {

struct Trial {
  std::uint64_t seed = 0;
  // After each sample the best first objective of a candidate that keeps the limits; infinite before the first.
  std::vector<double> best;
};

struct TrialOptions {
  std::string algorithm;       // of algorithms()
  int seeds = 20;              // from 1 on
  std::int64_t samples = 300;  // of each search, unless it exhausts the space before
  int threads = 1;             // on which algorithms think; changes no answer
  std::function<void(std::int64_t samples, std::int64_t of)> progress;  // may be empty, and may throw to end the trials
};

// One trial per seed, in order. The searches are asked in turn and what all of them ask for is evaluated together, so
// that whoever evaluates finds much to do at once; each gets the answers that it would get alone. All but evaluate of
// `problem` must bear several threads where there are some. Throws Error as make_algorithm.
std::vector<Trial> search_trials(Problem& problem, const TrialOptions& options);

}  // namespace lanewise::nas
