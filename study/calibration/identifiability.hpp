// SPDX-License-Identifier: Apache-2.0
// How well measured rows determine the parameter values that a search found in them: practical identifiability
// (Raue et al., Bioinformatics 2009).
#pragma once

#include <string>
#include <vector>

#include "study/calibration/parameter_search.hpp"

namespace lanewise::study {

enum class Identifiability {
  kKnown,    // the rows determine the value
  kJoint,    // the rows determine only a combination of this key with others
  kAtLeast,  // the rows give a lower bound: raising the value changes no row
  kAtMost,   // the rows give an upper bound: lowering the value changes no row
  kUnknown,  // the rows say nothing about the value
};
const char* to_string(Identifiability kind);  // "known", "joint", "at_least", "at_most", "unknown"

struct KeyIdentifiability {
  Identifiability kind = Identifiability::kUnknown;
  std::vector<std::string> together_with;  // of kJoint: the keys that can compensate for this one, at most four
  // Sensitivity: by how many percentage points the mean error grows when this key alone is 10 % (or its smallest step,
  // where that is more) lower or higher. 0 at the bounds of the key's range.
  double lower_rise_percent = 0, higher_rise_percent = 0;
  // Of kKnown: half the width of the interval that the rows leave to the value, in percent of the value, with the other
  // keys adjusted to it. 0 for a whole number that the rows leave no doubt about, and for every other kind.
  double uncertainty_percent = 0;
};
// Judges the values of `result`, one entry per key in the order of `keys`. Evaluates `model` several times per key.
std::vector<KeyIdentifiability> assess(const std::vector<SearchKey>& keys, const ResidualModel& model,
                                       const SearchOutcome& result, const SearchSettings& settings);

}  // namespace lanewise::study
