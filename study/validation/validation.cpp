// SPDX-License-Identifier: Apache-2.0
#include "study/validation/validation.hpp"

namespace lanewise::study {
namespace {

double percent_error(std::int64_t simulated, std::int64_t measured) {
  return 100.0 * static_cast<double>(simulated - measured) / static_cast<double>(measured);
}

}  // namespace

double ValidatedRow::error_percent() const { return percent_error(simulated, measured); }
double ValidatedPosition::done_error_percent() const { return percent_error(simulated_done, measured_done); }

}  // namespace lanewise::study
