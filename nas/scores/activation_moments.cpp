// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/activation_moments.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lanewise::nas {
namespace {

using network::ActivationFunction;

constexpr double kReach = 9;  // standard deviations, beyond which nothing of a Gaussian is left
constexpr double kElu = 1, kLeak = 0.01, kPReluSlope = 0.25;  // as frameworks begin them
constexpr double kRootHalf = 0.70710678118654752, kRootTwoPi = 2.5066282746310002;

double sigmoid(double x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
double normal_density(double x) { return std::exp(-0.5 * x * x) / kRootTwoPi; }
double normal_share(double x) { return 0.5 * std::erfc(-x * kRootHalf); }

// Where a slope jumps.
std::vector<double> kinks(ActivationFunction function) {
  switch (function) {
    case ActivationFunction::kRelu:
    case ActivationFunction::kLeakyRelu:
    case ActivationFunction::kPRelu:
    case ActivationFunction::kElu:
    case ActivationFunction::kAbs:
      return {0};
    case ActivationFunction::kRelu6:
    case ActivationFunction::kClip:
      return {0, 6};
    case ActivationFunction::kHardSigmoid:
    case ActivationFunction::kHardSwish:
      return {-3, 3};
    default:
      return {};
  }
}

// Positive and negative side, and what holds between.
double step(double x, double at, double before, double behind) {
  return x < at ? before : x > at ? behind : 0.5 * (before + behind);
}

// Eight points of Gauss and Legendre on [-1, 1]: the positive ones and their weights.
constexpr double kPoints[4] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
constexpr double kWeights[4] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};

template <typename Visit>
void quadrature(std::vector<double> breaks, Visit visit) {
  for (double at = -kReach; at <= kReach; at += 1) breaks.push_back(at);
  std::sort(breaks.begin(), breaks.end());
  for (std::size_t i = 0; i + 1 < breaks.size(); ++i) {
    const double low = std::max(breaks[i], -kReach), high = std::min(breaks[i + 1], kReach);
    if (!(high > low)) continue;
    const double middle = 0.5 * (low + high), half = 0.5 * (high - low);
    for (std::size_t k = 0; k < 4; ++k) {
      for (const double sign : {-1.0, 1.0}) {
        const double z = middle + sign * half * kPoints[k];
        visit(z, half * kWeights[k] * normal_density(z));
      }
    }
  }
}

}  // namespace

double activate(ActivationFunction function, double x) {
  switch (function) {
    case ActivationFunction::kRelu:
      return std::max(x, 0.0);
    case ActivationFunction::kRelu6:
    case ActivationFunction::kClip:
      return std::clamp(x, 0.0, 6.0);
    case ActivationFunction::kLeakyRelu:
      return x > 0 ? x : kLeak * x;
    case ActivationFunction::kPRelu:
      return x > 0 ? x : kPReluSlope * x;
    case ActivationFunction::kElu:
      return x > 0 ? x : kElu * std::expm1(x);
    case ActivationFunction::kSigmoid:
      return sigmoid(x);
    case ActivationFunction::kHardSigmoid:
      return std::clamp(x / 6 + 0.5, 0.0, 1.0);
    case ActivationFunction::kTanh:
      return std::tanh(x);
    case ActivationFunction::kHardSwish:
      return x * std::clamp(x + 3, 0.0, 6.0) / 6;
    case ActivationFunction::kSilu:
      return x * sigmoid(x);
    case ActivationFunction::kGelu:
      return x * normal_share(x);
    case ActivationFunction::kErf:
      return std::erf(x);
    case ActivationFunction::kSoftplus:
      return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    case ActivationFunction::kAbs:
      return std::abs(x);
    default:
      return x;
  }
}

double activation_slope(ActivationFunction function, double x) {
  switch (function) {
    case ActivationFunction::kRelu:
      return step(x, 0, 0, 1);
    case ActivationFunction::kRelu6:
    case ActivationFunction::kClip:
      return x < 3 ? step(x, 0, 0, 1) : step(x, 6, 1, 0);
    case ActivationFunction::kLeakyRelu:
      return step(x, 0, kLeak, 1);
    case ActivationFunction::kPRelu:
      return step(x, 0, kPReluSlope, 1);
    case ActivationFunction::kElu:
      return x > 0 ? 1 : kElu * std::exp(x);
    case ActivationFunction::kSigmoid:
      return sigmoid(x) * sigmoid(-x);
    case ActivationFunction::kHardSigmoid:
      return (x < 0 ? step(x, -3, 0, 1) : step(x, 3, 1, 0)) / 6;
    case ActivationFunction::kTanh:
      return 1 - std::tanh(x) * std::tanh(x);
    case ActivationFunction::kHardSwish:
      return x < 0 ? step(x, -3, 0, (2 * x + 3) / 6) : step(x, 3, (2 * x + 3) / 6, 1);
    case ActivationFunction::kSilu:
      return sigmoid(x) * (1 + x * sigmoid(-x));
    case ActivationFunction::kGelu:
      return normal_share(x) + x * normal_density(x);
    case ActivationFunction::kErf:
      return 2 * kRootTwoPi * kRootHalf * 0.31830988618379067 * std::exp(-x * x);
    case ActivationFunction::kSoftplus:
      return sigmoid(x);
    case ActivationFunction::kAbs:
      return step(x, 0, -1, 1);
    default:
      return 1;
  }
}

ActivationMoments activation_moments(ActivationFunction function, double variance) {
  const double scale = std::sqrt(variance);
  std::vector<double> breaks = kinks(function);
  for (double& at : breaks) at /= scale;
  ActivationMoments moments;
  std::array<double, ActivationMoments::kTerms> coefficients = {};
  quadrature(breaks, [&](double z, double weight) {
    const double value = activate(function, scale * z), slope = activation_slope(function, scale * z);
    moments.mean += weight * value;
    moments.mean_square += weight * value * value;
    moments.slope_square += weight * slope * slope;
    moments.slope_fourth += weight * slope * slope * slope * slope;
    // h_(n+1) = (z h_n - sqrt(n) h_(n-1)) / sqrt(n + 1) are the polynomials of unit variance.
    double before = 0, here = 1;
    for (std::size_t n = 0; n < ActivationMoments::kTerms; ++n) {
      coefficients[n] += weight * value * here;
      const auto order = static_cast<double>(n);
      const double next = (z * here - std::sqrt(order) * before) / std::sqrt(order + 1);
      before = here;
      here = next;
    }
  });
  for (std::size_t n = 0; n < ActivationMoments::kTerms; ++n) {
    moments.hermite[n] = coefficients[n] * coefficients[n];
  }
  return moments;
}

double ActivationMoments::product(double correlation) const { return mean_square - difference(correlation); }

double ActivationMoments::difference(double correlation) const {
  double sum = 0, power = 1, rest = mean_square;
  for (const double square : hermite) {
    sum += square * (1 - power);
    rest -= square;
    power *= correlation;
  }
  return std::max(0.0, sum + std::max(0.0, rest) * (1 - power));
}

double ActivationMoments::sensitivity(double variance, double correlation) const {
  const double apart = variance * (1 - correlation), left = difference(correlation);
  return left > 0 && apart > 0 ? slope_square * apart / left : 1;
}

const ActivationMoments& unit_moments(ActivationFunction function) {
  static const std::vector<ActivationMoments> all = [] {
    std::vector<ActivationMoments> moments;
    for (int i = 0; i < network::kActivationFunctionCount; ++i) {
      moments.push_back(activation_moments(static_cast<ActivationFunction>(i), 1));
    }
    return moments;
  }();
  return all[static_cast<std::size_t>(function)];
}

}  // namespace lanewise::nas
