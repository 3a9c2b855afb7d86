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

nas::Metrics metrics_of(const Totals& totals, std::optional<double> accuracy) {
  using nas::Metric;
  nas::Metrics metrics;
  metrics[Metric::kLatency] = totals.latency_ms;
  metrics[Metric::kEnergy] = totals.energy_uj;
  metrics[Metric::kEnergyDelayProduct] = totals.latency_ms * totals.energy_uj;
  metrics[Metric::kAveragePower] = totals.average_power_mw;
  metrics[Metric::kArea] = totals.area_mm2;
  metrics[Metric::kParameters] = static_cast<double>(totals.parameters);
  metrics[Metric::kParameterBytes] = static_cast<double>(totals.parameter_bytes);
  metrics[Metric::kPeakActivationBytes] = static_cast<double>(totals.peak_activation_bytes);
  metrics[Metric::kPeakSramBytes] = static_cast<double>(totals.peak_sram_bytes);
  metrics[Metric::kDramBytes] = static_cast<double>(totals.dram_bytes);
  metrics[Metric::kMacs] = static_cast<double>(totals.macs);
  if (accuracy) metrics[Metric::kAccuracy] = *accuracy;
  return metrics;
}

bool CodesignResult::failed() const {
  return all_infeasible || std::any_of(finalists.begin(), finalists.end(), misses_by_simulation_alone);
}

}  // namespace lanewise::study
