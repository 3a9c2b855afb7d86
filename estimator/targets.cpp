// SPDX-License-Identifier: Apache-2.0
#include "estimator/targets.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::estimator {
namespace {

// No more than what a double holds exactly: more would be a number that means nothing, and rounding it may overflow.
std::int64_t whole(double value) {
  constexpr double kMost = 9007199254740992.0;  // 2^53
  return static_cast<std::int64_t>(std::llround(std::min(value, kMost)));
}

}  // namespace

const char* name_of(Target target) {
  static constexpr const char* kNames[] = {"latency", "energy", "dram", "peak_sram"};
  return kNames[static_cast<std::size_t>(target)];
}

const char* unit_of(Target target) {
  static constexpr const char* kUnits[] = {"cycles", "pJ", "bytes", "bytes"};
  return kUnits[static_cast<std::size_t>(target)];
}

double analytical_value(Target target, const Analytic& analytic) {
  switch (target) {
    case Target::kLatency:
      return analytic.latency_cycles;
    case Target::kEnergy:
      return analytic.energy_pj;
    case Target::kDramBytes:
      return analytic.dram_bytes;
    case Target::kPeakSram:
      return analytic.peak_sram_bytes;
  }
  throw InternalError("a target without an analytical value");
}

double measured(Target target, const record::Measurement& measurement) {
  switch (target) {
    case Target::kLatency:
      return static_cast<double>(measurement.latency.count());
    case Target::kEnergy:
      return measurement.energy.count();
    case Target::kDramBytes:
      return static_cast<double>(measurement.dram_bytes().count());
    case Target::kPeakSram:
      return static_cast<double>(measurement.peak_sram.count());
  }
  throw InternalError("a target without a measurement");
}

// What of a measurement or a prediction is launching the subgraph.
double launching(Target target, const Analytic& analytic) {
  if (target == Target::kLatency) return analytic.launch_cycles;
  return target == Target::kEnergy ? analytic.launch_pj : 0;
}

bool learnable(Target target, const Analytic& analytic, const record::Measurement& measurement) {
  return analytical_value(target, analytic) > 0 && measured(target, measurement) > launching(target, analytic);
}

float log_ratio(Target target, const Analytic& analytic, const record::Measurement& measurement) {
  const double learned = measured(target, measurement) - launching(target, analytic);
  return static_cast<float>(std::log(learned / analytical_value(target, analytic)));
}

Prediction to_prediction(const std::array<double, kTargetCount>& log_ratios, const Analytic& analytic,
                         const engine::EngineConfig& engine) {
  const auto value = [&](Target target) {
    return analytical_value(target, analytic) * std::exp(log_ratios[static_cast<std::size_t>(target)]);
  };
  Prediction p;
  const double least_cycles = std::max(1.0, std::ceil(analytic.bounds.roofline_cycles));
  p.latency = Cycles(whole(std::max(value(Target::kLatency), least_cycles) + analytic.launch_cycles));
  p.energy = Picojoules(std::max(value(Target::kEnergy), analytic.least_energy_pj) + analytic.launch_pj);
  if (analytic.bounds.dram_bytes > 0) {
    p.dram = Bytes(whole(std::max(value(Target::kDramBytes), std::ceil(analytic.bounds.dram_bytes))));
  }
  const double capacity = static_cast<double>(engine.onchip_capacity().count());
  p.peak_sram = Bytes(whole(std::min(value(Target::kPeakSram), capacity)));
  return p;
}

std::int64_t least_cycles(const Analytic& analytic) {
  return whole(std::max(1.0, std::ceil(analytic.bounds.roofline_cycles)) + analytic.launch_cycles);
}

double predicted_cycles(float log_ratio, const Analytic& analytic, const engine::EngineConfig& engine) {
  std::array<double, kTargetCount> ratios{};
  ratios[static_cast<std::size_t>(Target::kLatency)] = static_cast<double>(log_ratio);
  return static_cast<double>(to_prediction(ratios, analytic, engine).latency.count());
}

}  // namespace lanewise::estimator
