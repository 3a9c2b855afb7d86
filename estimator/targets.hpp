// SPDX-License-Identifier: Apache-2.0
// What is learned: for each target the logarithm of measured over closed form. Private to this room.
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

double reference(Target target, const Analytic& analytic);
double measured(Target target, const record::Measurement& measurement);
// Whether the row can teach the target anything: nothing is learned of what is 0 by closed form or by measurement.
bool learnable(Target target, const Analytic& analytic, const record::Measurement& measurement);

// Learned log ratios to a prediction, kept inside what the closed forms prove: never under the roofline, never less
// DRAM traffic or energy than every plan needs, never more memory than there is.
Prediction to_prediction(const std::array<double, kTargetCount>& log_ratios, const Analytic& analytic,
                         const engine::EngineConfig& engine);

// What no latency is below, by the roofline.
std::int64_t least_cycles(const Analytic& analytic);
// The latency alone, in cycles.
double predicted_cycles(float log_ratio, const Analytic& analytic, const engine::EngineConfig& engine);

}  // namespace lanewise::estimator
