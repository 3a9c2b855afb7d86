// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/correction.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

namespace lanewise::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kPenalties[] = {0.3, 1, 3, 10, 30, 100, 300};  // in rows of one standard deviation
constexpr double kWorthIt = 0.95;
constexpr double kOutlier = 3;  // deviations; one row must not bend all others
constexpr double kMadToDeviation = 1.4826;

// Centres, spreads and ranges; coefficients yet to come.
std::vector<estimator::CorrectionTerm> terms_of(const std::vector<std::vector<double>>& features) {
  const std::vector<std::string>& names = estimator::correction_features();
  const double rows = static_cast<double>(features.size());
  std::vector<estimator::CorrectionTerm> terms;
  for (std::size_t f = 0; f < names.size(); ++f) {
    estimator::CorrectionTerm term;
    term.feature = names[f];
    term.low = std::numeric_limits<double>::infinity();
    term.high = -term.low;
    double sum = 0, squares = 0;
    for (const std::vector<double>& row : features) {
      sum += row[f];
      term.low = std::min(term.low, row[f]);
      term.high = std::max(term.high, row[f]);
    }
    for (const std::vector<double>& row : features) squares += (row[f] - sum / rows) * (row[f] - sum / rows);
    const double spread = std::sqrt(squares / rows);
    const bool constant = term.low == term.high;
    if (constant && term.low != 1) continue;
    if (!constant) {
      term.centre = sum / rows;
      term.spread = spread;
    }
    terms.push_back(term);
  }
  return terms;
}

MatrixXd design(const std::vector<std::vector<double>>& features, const std::vector<estimator::CorrectionTerm>& terms) {
  const std::vector<std::string>& names = estimator::correction_features();
  MatrixXd z(static_cast<Index>(features.size()), static_cast<Index>(terms.size()));
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const auto f = static_cast<std::size_t>(std::find(names.begin(), names.end(), terms[t].feature) - names.begin());
    for (std::size_t i = 0; i < features.size(); ++i) {
      z(static_cast<Index>(i), static_cast<Index>(t)) = (features[i][f] - terms[t].centre) / terms[t].spread;
    }
  }
  return z;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

VectorXd without_outliers(const std::vector<double>& wanted) {
  const double centre = median(wanted);
  std::vector<double> distances;
  distances.reserve(wanted.size());
  for (const double value : wanted) distances.push_back(std::abs(value - centre));
  const double most = kOutlier * kMadToDeviation * median(distances);
  VectorXd y(static_cast<Index>(wanted.size()));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    y[static_cast<Index>(i)] = std::clamp(wanted[i], centre - most, centre + most);
  }
  return y;
}

}  // namespace

std::vector<estimator::CorrectionTerm> fit_correction(const std::vector<std::vector<double>>& features,
                                                      const std::vector<double>& wanted) {
  if (features.size() < 3) return {};
  std::vector<estimator::CorrectionTerm> terms = terms_of(features);
  const MatrixXd z = design(features, terms);
  const VectorXd y = without_outliers(wanted);
  double least = kWorthIt * y.cwiseAbs().mean();
  VectorXd best;
  for (const double penalty : kPenalties) {
    const MatrixXd normal = z.transpose() * z + penalty * MatrixXd::Identity(z.cols(), z.cols());
    const MatrixXd gain = normal.ldlt().solve(z.transpose());
    const VectorXd leverage = (z * gain).diagonal();
    const VectorXd coefficients = gain * y;
    const VectorXd left = (y - z * coefficients).cwiseQuotient((1 - leverage.array()).matrix());
    const double error = left.cwiseAbs().mean();
    if (!(error < least)) continue;
    least = error;
    best = coefficients;
  }
  if (best.size() == 0) return {};
  for (std::size_t t = 0; t < terms.size(); ++t) terms[t].coefficient = best[static_cast<Index>(t)];
  return terms;
}

}  // namespace lanewise::study
