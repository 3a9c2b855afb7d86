// SPDX-License-Identifier: Apache-2.0
// What training sees of a measured row, as plain data: for regressors that somebody else trains.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "estimator/estimator.hpp"

namespace lanewise::estimator {

struct FeatureMeaning {
  const char* name;     // as in feature_names()
  const char* unit;     // "elements", "bytes", "cycles", "count", "flag" (0 or 1), "fraction", "ratio", "code", …
  const char* meaning;  // one line for people
};
// One line per feature, in the order of feature_names().
const std::vector<FeatureMeaning>& feature_meanings();

// A quantity that is learned. The regressor's label is log(measured / analytical), so that a prediction is
// analytical * exp(what it answers).
struct LearnedQuantity {
  double measured = 0, analytical = 0;  // in the unit of the target (Card::targets)
  bool learnable = false;               // neither is 0; others are left out of training, and the label is 0
  float log_ratio = 0;                  // the label, natural logarithm, in single precision as it is trained on
};
inline constexpr std::size_t kLearnedQuantities = 4;  // latency, energy, DRAM traffic, peak on-chip memory

struct TrainingRow {
  std::vector<float> features;  // feature_vector()
  std::array<LearnedQuantity, kLearnedQuantities> targets;
  std::int64_t least_cycles = 0;  // the roofline: predicted latencies below it are raised to it
};

// The very numbers that Estimator::train sees of the sample. Throws Error where the engine cannot run its precision.
TrainingRow training_row(const Sample& sample);

}  // namespace lanewise::estimator
