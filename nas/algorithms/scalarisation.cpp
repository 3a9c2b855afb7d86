// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/scalarisation.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::nas {
namespace {

constexpr double kMostObjective = 1e300;  // beyond it a value stands for a design that cannot be
constexpr double kAugmentation = 0.05;

}  // namespace

void Extent::take(const Evaluation& evaluation) {
  const std::vector<double>& values = evaluation.objectives;
  if (std::any_of(values.begin(), values.end(), [](double v) { return !(std::abs(v) < kMostObjective); })) return;
  if (least_.empty()) least_ = worst_ = values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    least_[i] = std::min(least_[i], values[i]);
    worst_[i] = std::max(worst_[i], values[i]);
  }
}

double Extent::share(const Evaluation& evaluation, std::size_t objective) const {
  const double value = evaluation.objectives[objective];
  if (least_.empty() || !(std::abs(value) < kMostObjective)) return 1;
  const double extent = worst_[objective] - least_[objective];
  return extent > 0 ? (value - least_[objective]) / extent : 0;
}

std::vector<double> draw_weights(std::size_t objectives, Random& random) {
  std::vector<double> weights;
  double sum = 0;
  for (std::size_t i = 0; i < objectives; ++i) {
    weights.push_back(-std::log(1 - random.unit()));
    sum += weights.back();
  }
  for (double& weight : weights) weight = sum > 0 ? weight / sum : 1.0 / static_cast<double>(objectives);
  return weights;
}

double scalarised(const Evaluation& evaluation, const Extent& extent, const std::vector<double>& weights) {
  double largest = 0, sum = 0;
  for (std::size_t i = 0; i < weights.size() && i < evaluation.objectives.size(); ++i) {
    const double part = weights[i] * extent.share(evaluation, i);
    largest = std::max(largest, part);
    sum += part;
  }
  const double missed = evaluation.violation > 0 ? 1 + kAugmentation + std::log1p(evaluation.violation) : 0;
  return missed + largest + kAugmentation * sum;
}

}  // namespace lanewise::nas
