// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/identifiability.hpp"

#include <algorithm>
#include <cmath>

#include "study/calibration/fit_objective.hpp"
#include "study/calibration/search_scale.hpp"

namespace lanewise::study {

using Eigen::MatrixXd;
using Eigen::VectorXd;

const char* to_string(Identifiability kind) {
  static constexpr const char* kNames[] = {"known", "joint", "at_least", "at_most", "unknown"};
  return kNames[static_cast<std::size_t>(kind)];
}

namespace {

// What changing the value of one key alone does: the Euclidean length of the change of the residuals, and the rise of
// the mean error.
struct Response {
  double moved = 0, rise_percent = 0;
};
Response response(const ResidualModel& model, const SearchOutcome& result, std::size_t key, double value) {
  if (value == result.values[key]) return {};
  std::vector<double> values = result.values;
  values[key] = value;
  const std::optional<Residuals> residuals = model(values);
  if (!residuals) return {};
  double squares = 0;
  for (std::size_t i = 0; i < residuals->size(); ++i) {
    const double difference = (*residuals)[i] - result.after[i];
    squares += difference * difference;
  }
  return {std::sqrt(squares), mean_error_percent(*residuals) - mean_error_percent(result.after)};
}

// The part of column k that is linearly independent of the other columns.
struct Remainder {
  double length = 0;
  std::vector<Eigen::Index> partners;  // the columns that explain the most of it, found one at a time
};

// The component of `column` orthogonal to the span of `others`.
VectorXd unexplained(const MatrixXd& jacobian, Eigen::Index column, const std::vector<Eigen::Index>& others) {
  if (others.empty()) return jacobian.col(column);
  MatrixXd rest(jacobian.rows(), static_cast<Eigen::Index>(others.size()));
  for (std::size_t j = 0; j < others.size(); ++j) {
    rest.col(static_cast<Eigen::Index>(j)) = jacobian.col(others[j]).normalized();
  }
  return jacobian.col(column) - rest * rest.completeOrthogonalDecomposition().solve(jacobian.col(column));
}

Remainder remainder_of(const MatrixXd& jacobian, Eigen::Index k, double enough) {
  std::vector<Eigen::Index> others;
  for (Eigen::Index j = 0; j < jacobian.cols(); ++j) {
    if (j != k && jacobian.col(j).norm() > 0) others.push_back(j);
  }
  Remainder out{unexplained(jacobian, k, others).norm(), {}};
  if (out.length >= enough) return out;
  // Orthogonal matching pursuit (Pati, Rezaiifar and Krishnaprasad, 1993): a small set of columns that explains this
  // one.
  constexpr std::size_t kMostPartners = 4;
  VectorXd left = jacobian.col(k);
  while (left.norm() >= enough && out.partners.size() < std::min(kMostPartners, others.size())) {
    const auto alike = [&](Eigen::Index j) { return std::abs(jacobian.col(j).dot(left)) / jacobian.col(j).norm(); };
    Eigen::Index most = -1;
    for (const Eigen::Index j : others) {
      const bool taken = std::count(out.partners.begin(), out.partners.end(), j) > 0;
      if (!taken && (most < 0 || alike(j) > alike(most))) most = j;
    }
    out.partners.push_back(most);
    left = unexplained(jacobian, k, out.partners);
  }
  std::sort(out.partners.begin(), out.partners.end());
  return out;
}

}  // namespace

std::vector<KeyIdentifiability> assess(const std::vector<SearchKey>& keys, const ResidualModel& model,
                                       const SearchOutcome& result, const SearchSettings& settings) {
  FitObjective objective(keys, model, settings.prior_spread, settings.weights);
  const MatrixXd jacobian = slopes(objective, {result.values, result.after, 0});
  // A value is known where the rows confine it more tightly than the prior confidence in the description does.
  const double margin = settings.prior_spread / 2;
  std::vector<KeyIdentifiability> judged(keys.size());
  for (std::size_t k = 0; k < keys.size(); ++k) {
    KeyIdentifiability& key = judged[k];
    const double value = result.values[k];
    key.lower_rise_percent = response(model, result, k, stepped(keys[k], value, 1 / 1.1)).rise_percent;
    key.higher_rise_percent = response(model, result, k, stepped(keys[k], value, 1.1)).rise_percent;
    const double lower = response(model, result, k, stepped(keys[k], value, 1 / 1.3)).moved;
    const double higher = response(model, result, k, stepped(keys[k], value, 1.3)).moved;
    const double step = std::log(1.3);
    const double alone = std::max(lower, higher) / step;  // change of the residuals per log unit
    if (alone * margin < result.noise) continue;
    constexpr double kNothing = 0.05;
    const bool both_ways = value > keys[k].low && value < keys[k].high;
    if (both_ways && std::min(lower, higher) < kNothing * std::max(lower, higher)) {
      key.kind = lower > higher ? Identifiability::kAtLeast : Identifiability::kAtMost;
      continue;
    }
    const auto column = static_cast<Eigen::Index>(k);
    const Remainder remainder = remainder_of(jacobian, column, result.noise / margin);
    if (remainder.length * margin < result.noise) {
      key.kind = Identifiability::kJoint;
      for (const Eigen::Index partner : remainder.partners) {
        key.together_with.push_back(keys[static_cast<std::size_t>(partner)].key);
      }
      continue;
    }
    key.kind = Identifiability::kKnown;
    const double width = std::expm1(result.noise / remainder.length) * (value + keys[k].unit);
    // An uncertainty below half a step leaves no doubt about a whole number.
    if (!keys[k].whole || width >= 0.5) key.uncertainty_percent = 100 * width / std::max(value, keys[k].unit);
  }
  return judged;
}

}  // namespace lanewise::study
