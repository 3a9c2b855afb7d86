// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/codesign_result.hpp"

namespace lanewise::study {
namespace {

double error_of(double predicted, double simulated) {
  return simulated > 0 ? 100.0 * (predicted - simulated) / simulated : 0;
}

}  // namespace

double Design::error_percent() const {
  return error_of(static_cast<double>(predicted.latency_cycles), static_cast<double>(simulated.latency_cycles));
}
double Design::energy_error_percent() const { return error_of(predicted.energy_uj, simulated.energy_uj); }

}  // namespace lanewise::study
