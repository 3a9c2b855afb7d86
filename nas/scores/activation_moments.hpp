// SPDX-License-Identifier: Apache-2.0
// What an activation function does to a Gaussian signal: its moments, its slope, and how alike it leaves two signals.
//
// Sources: Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli, Exponential expressivity in deep neural networks through
// transient chaos, 2016 (maps of mean square and correlation); Daniely, Frostig and Singer, Toward deeper understanding
// of neural networks, 2016 (the correlation map as a power series of Hermite coefficients).
#pragma once

#include <array>

#include "core/network/operator.hpp"

namespace lanewise::nas {

// The function at a point and its slope there, at a kink the mean of the slopes beside it. Clips, whose bounds a graph
// does not hold, are taken for ReLU6. Functions that are no nonlinearity of trained layers (casts, exponentials,
// logarithms, roots, reciprocals, rounding) are taken for the identity.
double activate(network::ActivationFunction function, double x);
double activation_slope(network::ActivationFunction function, double x);

// Of f(z) with z ~ N(0, variance), by Gauss-Legendre quadrature between the function's kinks.
struct ActivationMoments {
  static constexpr std::size_t kTerms = 48;
  double mean = 0;          // E[f]
  double mean_square = 0;   // E[f^2]
  double slope_square = 0;  // E[f'^2]
  double slope_fourth = 0;  // E[f'^4]
  // Squares of the coefficients of f over the normalised Hermite polynomials of z; what they lack of the mean square
  // counts as a last term.
  std::array<double, kTerms> hermite = {};

  // E[f(z) f(z')] for z and z' of this correlation in [-1, 1].
  double product(double correlation) const;
  // E[f^2] - E[f(z) f(z')] without cancellation: what still tells the two signals apart.
  double difference(double correlation) const;
  // By how much a small difference between two signals grows beside the one that these have: with `apart` = variance
  // times (1 - correlation),  E[f'^2] apart / (E[f^2] - E[f(z) f(z')]).  1 for linear functions; pi / (pi - 1) for a
  // ReLU between signals that have nothing in common. Source for the latter: Yang, Pennington, Rao, Sohl-Dickstein and
  // Schoenholz, A mean field theory of batch normalization, 2019.
  double sensitivity(double variance, double correlation) const;
};
// `variance` > 0. Those of variance 1, which normalized networks ask for, are computed once.
const ActivationMoments& unit_moments(network::ActivationFunction function);
ActivationMoments activation_moments(network::ActivationFunction function, double variance);

}  // namespace lanewise::nas
