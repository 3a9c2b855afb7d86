// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/outcome_scale.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::nas {
namespace {

// Standard deviations beyond which a normal distribution has no more than rounding above, and nothing at all below.
constexpr double kAllBelow = 9, kNothingBelow = -38;

}  // namespace

double normal_below(double u) { return 0.5 * std::erfc(-u * 0.70710678118654752); }

double normal_fall(double u) {
  if (u > kAllBelow) return u;
  if (u < kNothingBelow) return 0;
  constexpr double kRootTwoPi = 2.5066282746310002;
  const double density = std::exp(-0.5 * u * u) / kRootTwoPi;
  if (u > -6) return u * normal_below(u) + density;
  const double s = 1 / (u * u);  // the series of Mills' ratio
  return density * s * (1 - 3 * s + 15 * s * s - 105 * s * s * s);
}

double OutcomeScale::raw(double value) const {
  if (!logarithmic_) return value;
  return std::log(std::max(value - shift_, 1e-3 * gap_));
}

void OutcomeScale::centre(const std::vector<double>& values) {
  centre_ = 0;
  spread_ = 0;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) centre_ += raw(value) / count;
  for (const double value : values) spread_ += (raw(value) - centre_) * (raw(value) - centre_) / count;
  spread_ = std::sqrt(spread_);
  if (!(spread_ > 1e-12 * std::max(1.0, std::abs(centre_)))) spread_ = std::max(1e-6, 1e-6 * std::abs(centre_));
}

OutcomeScale OutcomeScale::linear(const std::vector<double>& values) {
  OutcomeScale scale;
  scale.centre(values);
  return scale;
}

OutcomeScale OutcomeScale::logarithmic(const std::vector<double>& values, double shift) {
  OutcomeScale scale;
  scale.logarithmic_ = true;
  scale.shift_ = shift;
  scale.gap_ = *std::min_element(values.begin(), values.end()) - shift;
  scale.centre(values);
  return scale;
}

std::vector<OutcomeScale> OutcomeScale::choices(const std::vector<double>& values) {
  std::vector<OutcomeScale> all = {linear(values)};
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const double least = sorted.front();
  const double above = sorted[sorted.size() / 2] - least;
  if (above > 1e-12 * std::abs(least)) {
    for (const double share : {0.1, 0.3, 1.0, 3.0, 10.0}) all.push_back(logarithmic(values, least - share * above));
  }
  if (least > 0) all.push_back(logarithmic(values, 0));
  return all;
}

double OutcomeScale::to_scale(double value) const { return (raw(value) - centre_) / spread_; }

double OutcomeScale::from_scale(double scaled) const {
  const double value = centre_ + spread_ * scaled;
  return logarithmic_ ? shift_ + std::exp(value) : value;
}

double OutcomeScale::log_jacobian(const std::vector<double>& values) const {
  double sum = -static_cast<double>(values.size()) * std::log(spread_);
  if (logarithmic_) {
    for (const double value : values) sum -= raw(value);
  }
  return sum;
}

bool OutcomeScale::outgrown(double value) const { return logarithmic_ && value - shift_ < 0.5 * gap_; }

double OutcomeScale::expected_fall(double level, double mean, double deviation) const {
  const double sigma = spread_ * deviation;
  const double mu = centre_ + spread_ * mean;
  if (!logarithmic_) return sigma * normal_fall((level - mu) / sigma);
  const double room = level - shift_;
  if (!(room > 0)) return 0;
  const double u = (std::log(room) - mu) / sigma;
  // In the far tail the logarithm is as good as straight.
  if (u < -4) return room * sigma * normal_fall(u) / (1 - sigma / std::min(u, -4.0));
  const double expected = std::exp(mu + 0.5 * sigma * sigma);
  if (u - sigma > kAllBelow) return std::max(0.0, room - expected);
  return std::max(0.0, room * normal_below(u) - expected * normal_below(u - sigma));
}

OutcomeScale OutcomeScale::of_numbers(const std::vector<double>& numbers) {
  OutcomeScale scale;
  scale.logarithmic_ = numbers[0] != 0;
  scale.shift_ = numbers[1];
  scale.gap_ = numbers[2];
  scale.centre_ = numbers[3];
  scale.spread_ = numbers[4];
  return scale;
}

}  // namespace lanewise::nas
