// SPDX-License-Identifier: Apache-2.0
// Whole networks put together from measured subgraphs of one engine. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "estimator/training_set.hpp"

namespace lanewise::estimator {

struct MeasuredNetwork {
  struct Part {
    std::size_t sample = 0;
    std::int64_t occurrences = 1;
  };
  std::string engine_hash;
  bool complete = false;  // all subgraphs of a real network; else some subgraphs of the engine, drawn
  bool outside_ranges = false;
  std::vector<Part> parts;
};

// From the samples that `use` marks, in an order of their own: on each engine all networks whose subgraphs are there,
// or, on an engine with none, sets of 20 to 60 of its subgraphs drawn by `seed` (fewer where it has fewer).
std::vector<MeasuredNetwork> measured_networks(const TrainingSet& set, const std::vector<bool>& use,
                                               std::uint64_t seed);

}  // namespace lanewise::estimator
