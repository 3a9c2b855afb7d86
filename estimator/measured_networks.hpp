// SPDX-License-Identifier: Apache-2.0
// Assembles whole networks from the measured subgraphs of one engine. Private to this module.
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
  std::string name;       // of a complete network
  bool complete = false;  // true: all subgraphs of a real network; false: a random set of the engine's subgraphs
  bool outside_ranges = false;
  std::vector<Part> parts;
};

// Networks made of the samples that `use` marks, in an order that does not depend on the order of the samples. On each
// engine these are all networks whose subgraphs were all measured; on an engine without any, sets of 20 to 60 of its
// subgraphs drawn by `seed` (fewer where it has fewer).
std::vector<MeasuredNetwork> measured_networks(const TrainingSet& set, const std::vector<bool>& use,
                                               std::uint64_t seed);

}  // namespace lanewise::estimator
