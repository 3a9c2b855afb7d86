// SPDX-License-Identifier: Apache-2.0
// A search for the best network within a latency, each candidate measured with the weights that it inherits. No type of
// libtorch is seen here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "accuracy/supernet/inheritance.hpp"
#include "accuracy/supernet/latency_prices.hpp"

namespace lanewise::accuracy {

struct InheritedSearchSettings {
  std::string algorithm = "regularised_evolution";  // of nas::algorithms()
  double latency_ms = 0;                            // the limit, above 0
  std::int64_t asked = 0;                           // candidates after which it ends; 0: no such end
  double seconds = 0;  // after which no further batch begins; 0: no such end. The one end that differs between runs
  std::uint64_t seed = 0;
  int population = 24;
  InheritSettings inherit;
};

struct InheritedCandidate {
  Inherited measured;
  double ms = 0;
};

struct InheritedSearchResult {
  std::vector<InheritedCandidate> measured;  // in the order in which they were asked for
  std::size_t best = 0;                      // among them
  std::int64_t asked = 0;                    // with those beyond the limit, which are not measured
  double seconds = 0;                        // CPU seconds of measuring
};

// The least held-out loss, or where a task has none the best of its main metric, among networks that keep to the limit
// and to the bounds of the supernet's recipe: what is beyond those was never trained. Throws Error where no candidate
// kept to them, and as inherit() and nas::search do.
InheritedSearchResult search_inherited(const std::string& path, const SupernetFile& file, const TrainingData& data,
                                       LatencyPrices& prices, const InheritedSearchSettings& settings,
                                       const Progress& progress);

}  // namespace lanewise::accuracy
