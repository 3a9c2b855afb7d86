// SPDX-License-Identifier: Apache-2.0
// The scale on which an objective is learnt. Costs of designs and errors of networks have long tails, and what matters
// lies at their lower end: on a logarithm from somewhat below the best value a Gaussian process tells good candidates
// apart, while bad ones do not bend it.
//
// Source: Snelson, Rasmussen and Ghahramani, Warped Gaussian processes, NeurIPS 2003, with a family of two shapes.
#pragma once

#include <vector>

namespace lanewise::nas {

class OutcomeScale {
 public:
  OutcomeScale() = default;
  // Values as they are, or their logarithms from `shift`, which is below all of them; then centred and divided by
  // their deviation.
  static OutcomeScale linear(const std::vector<double>& values);
  static OutcomeScale logarithmic(const std::vector<double>& values, double shift);
  // What values may be seen on: as they are, and logarithms from several distances below the least of them.
  static std::vector<OutcomeScale> choices(const std::vector<double>& values);

  // Values at the shift and below are taken to be just above it.
  double to_scale(double value) const;
  double from_scale(double scaled) const;
  // The log of the density that the values lend to a density on this scale, up to a constant.
  double log_jacobian(const std::vector<double>& values) const;
  // Whether the value lies so low that the logarithm's shift is out of date.
  bool outgrown(double value) const;
  // By how much a value is expected to fall below `level`, where it is normal on this scale.
  double expected_fall(double level, double mean, double deviation) const;

  std::vector<double> numbers() const { return {logarithmic_ ? 1.0 : 0.0, shift_, gap_, centre_, spread_}; }
  static OutcomeScale of_numbers(const std::vector<double>& numbers);

 private:
  void centre(const std::vector<double>& values);
  double raw(double value) const;

  bool logarithmic_ = false;
  double shift_ = 0, gap_ = 1;  // the gap is that between the least value and the shift
  double centre_ = 0, spread_ = 1;
};

// E[max(0, u - Z)] of a standard normal Z, with full relative precision where it is small.
double normal_fall(double u);
// The probability that a standard normal is below u.
double normal_below(double u);

}  // namespace lanewise::nas
