// SPDX-License-Identifier: Apache-2.0
// How well measured rows tell the values that a search found in them.
#pragma once

#include <string>
#include <vector>

#include "study/calibration/parameter_search.hpp"

namespace lanewise::study {

enum class Identifiability {
  kKnown,    // the rows say it
  kJoint,    // the rows say it only together with other keys
  kAtLeast,  // the rows say that it is not lower: raising it changes nothing
  kAtMost,
  kUnknown,  // the rows do not say it
};
const char* to_string(Identifiability standing);  // "known", "joint", "at_least", "at_most", "unknown"

struct KeyIdentifiability {
  Identifiability standing = Identifiability::kUnknown;
  std::vector<std::string> together_with;  // kJoint: keys that can make up for it, at most four
  // By how many percentage points the mean error grows where this key alone is 10 % (at least its smallest step) lower
  // or higher; 0 at a bound of its range.
  double lower_rise_percent = 0, higher_rise_percent = 0;
  // Half the width that the rows leave to the value, in percent of it, other keys following. 0 for whole numbers that
  // they leave no doubt about, and for other standings.
  double uncertainty_percent = 0;
};
// How well `result`'s values are known; one a key.
std::vector<KeyIdentifiability> assess(const std::vector<SearchKey>& keys, const ResidualModel& model,
                                       const SearchOutcome& result, const SearchSettings& settings);

}  // namespace lanewise::study
