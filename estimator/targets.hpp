// SPDX-License-Identifier: Apache-2.0
// The quantities that are learned: for each target, log(measured / analytical model). Private to this module.
#pragma once

#include <array>
#include <cstddef>

#include "core/record/measurement.hpp"
#include "estimator/analytical_model.hpp"
#include "estimator/estimator.hpp"

namespace lanewise::estimator {

enum class Target { kLatency, kEnergy, kDramBytes, kPeakSram };
inline constexpr std::size_t kTargetCount = 4;
inline constexpr std::array<Target, kTargetCount> kTargets{Target::kLatency, Target::kEnergy, Target::kDramBytes,
                                                           Target::kPeakSram};

const char* name_of(Target target);  // "latency", "energy", "dram", "peak_sram"
const char* unit_of(Target target);  // "cycles", "pJ", "bytes", "bytes"

// The value of the target by the analytical model and by measurement, in unit_of(target).
double analytical_value(Target target, const Analytic& analytic);
double measured(Target target, const record::Measurement& measurement);
// Whether the row can be used to train the target: neither the analytical value nor the measured one may be 0.
bool learnable(Target target, const Analytic& analytic, const record::Measurement& measurement);

// What a regressor is trained to answer, in single precision as it is trained on; for rows that are learnable.
float log_ratio(Target target, const Analytic& analytic, const record::Measurement& measurement);

// Converts learned log ratios into a prediction, clamped to proven bounds: no latency below the roofline, no less DRAM
// traffic or energy than any plan needs, no more memory than the engine has.
Prediction to_prediction(const std::array<double, kTargetCount>& log_ratios, const Analytic& analytic,
                         const engine::EngineConfig& engine);

// The roofline in whole cycles, a lower bound on every latency.
std::int64_t least_cycles(const Analytic& analytic);
// The latency of to_prediction alone, in cycles.
double predicted_cycles(float log_ratio, const Analytic& analytic, const engine::EngineConfig& engine);

}  // namespace lanewise::estimator
