// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/codesign_result.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::study {
namespace {

double error_of(double predicted, double simulated) {
  return simulated > 0 ? 100.0 * (predicted - simulated) / simulated : 0;
}

bool misses_by_simulation_alone(const Design& design) {
  const auto is_simulated = [](const LimitMiss& miss) { return miss.simulated; };
  return !design.failure.empty() || std::any_of(design.missed.begin(), design.missed.end(), is_simulated);
}

}  // namespace

double Design::error_percent() const {
  return error_of(static_cast<double>(predicted.latency_cycles), static_cast<double>(simulated.latency_cycles));
}
double Design::energy_error_percent() const { return error_of(predicted.energy_uj, simulated.energy_uj); }

bool Design::within_interval() const {
  if (!reliability || !reliability->interval) return std::abs(error_percent()) <= kNoIntervalErrorPercent;
  return simulated.latency_cycles >= reliability->interval->low_cycles &&
         simulated.latency_cycles <= reliability->interval->high_cycles;
}

bool CodesignResult::failed() const {
  return all_infeasible || std::any_of(finalists.begin(), finalists.end(), misses_by_simulation_alone);
}

}  // namespace lanewise::study
