// SPDX-License-Identifier: Apache-2.0
#include "study/advice/advice.hpp"

#include <limits>

namespace lanewise::study {

double MoveGain::rate() const {
  if (parameters_added > 0) return latency_saved_ms / parameters_added;
  return latency_saved_ms > 0 ? std::numeric_limits<double>::infinity() : 0;
}

}  // namespace lanewise::study
