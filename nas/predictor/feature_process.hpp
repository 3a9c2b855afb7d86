// SPDX-License-Identifier: Apache-2.0
// A Gaussian process over vectors of numbers, for few measurements: what a network is worth, and how sure that is. It
// differs from the search's process over genes (nas/algorithms/gaussian_process.hpp) in what few rows ask for: three
// parameters for all numbers together, one length in place of one for each; a linear part, for scores whose slope is
// learnt; and rows that were measured several times, which tell the noise directly.
//
//   f(x) = g(x) + sum over scores of slope x score,   slope ~ N(0, kSlope^2)
//   cov(g(x), g(x')) = amplitude^2 exp(-d^2 / (2 length^2)),   d^2 the mean of squared differences over the numbers
//   a mean of n measurements = f(x) + noise / sqrt(n)
//
// Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press, 2006: sections 2.2, 2.7 (slopes),
// 5.4.1 (marginal likelihood) and 5.4.2 (leaving one out in closed form).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace lanewise::nas {

// What was measured; numbers, scores and values of about zero mean and unit spread.
struct ProcessRows {
  std::vector<std::vector<double>> numbers, scores;
  std::vector<double> values;        // the mean of each row's measurements
  std::vector<std::int64_t> counts;  // of measurements, >= 1
  double within = 0;                 // squared deviations of measurements from their row's mean, summed over all rows
  std::size_t size() const { return values.size(); }
};

struct ProcessBelief {
  double mean = 0;
  double variance = 0;  // of f, without noise
  double left = 1;      // of g: posterior over prior variance, in (0, 1]
};

class FeatureProcess {
 public:
  // Logarithms of amplitude, noise (standard deviations) and length.
  using Parameters = std::array<double, 3>;
  static constexpr double kSlope = 0.5;
  // Beyond so many rows parameters are fitted to every second, third … of them.
  static constexpr std::size_t kMostFitted = 400;

  // Fits the parameters to the marginal likelihood under weak priors; deterministic. At least one row.
  static FeatureProcess fitted(ProcessRows rows);
  FeatureProcess(ProcessRows rows, const Parameters& parameters);
  ~FeatureProcess();
  FeatureProcess(FeatureProcess&&) noexcept;
  FeatureProcess& operator=(FeatureProcess&&) noexcept;

  const Parameters& parameters() const;
  double noise_variance() const;
  // The log of the marginal likelihood times the prior of the parameters, up to a constant of the rows.
  double evidence() const;
  ProcessBelief predict(const std::vector<double>& numbers, const std::vector<double>& scores) const;
  // What would be predicted for each row had it not been measured, with the parameters as they are.
  std::vector<ProcessBelief> left_out() const;
  // With one more row, as if it had been measured once; the parameters stay.
  FeatureProcess with(const std::vector<double>& numbers, const std::vector<double>& scores, double value) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lanewise::nas
