// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/fit_objective.hpp"

#include <cmath>

#include "study/calibration/search_scale.hpp"

namespace lanewise::study {

using Eigen::MatrixXd;

FitObjective::Point FitObjective::at(const std::vector<double>& values, double noise) {
  Point point{values, {}, std::numeric_limits<double>::infinity()};
  if (std::optional<Residuals> residuals = answer(values)) {
    point.residuals = std::move(*residuals);
    point.objective = objective(values, point.residuals, noise);
  }
  return point;
}

double FitObjective::objective(const std::vector<double>& values, const Residuals& residuals, double noise) const {
  double sum = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const double z = weight(i) * std::abs(residuals[i]) / noise;
    sum += z <= kHuber ? z * z / 2 : kHuber * (z - kHuber / 2);
  }
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    const double distance = (coordinate(keys_[k], values[k]) - coordinate(keys_[k], keys_[k].start)) / spread(k);
    sum += distance * distance / 2;
  }
  return sum;
}

void FitObjective::find_felt(const Point& point) {
  felt_.assign(keys_.size(), false);
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    for (const double ratio : {0.5, 2.0}) {
      std::vector<double> values = point.values;
      values[k] = stepped(keys_[k], values[k], ratio);
      if (felt_[k] || values[k] == point.values[k]) continue;
      const std::optional<Residuals> residuals = answer(values);
      felt_[k] = residuals && *residuals != point.residuals;
    }
  }
}

MatrixXd slopes(FitObjective& objective, const FitObjective::Point& point) {
  const std::vector<SearchKey>& keys = objective.keys();
  const auto rows = static_cast<Eigen::Index>(point.residuals.size());
  MatrixXd jacobian = MatrixXd::Zero(rows, static_cast<Eigen::Index>(keys.size()));
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if (!objective.felt(k)) continue;
    Residuals ends[2] = {point.residuals, point.residuals};
    double reach[2] = {point.values[k], point.values[k]};
    for (const int side : {0, 1}) {
      std::vector<double> values = point.values;
      values[k] = stepped(keys[k], values[k], side == 0 ? 1 / kProbe : kProbe);
      if (values[k] == point.values[k]) continue;
      if (std::optional<Residuals> residuals = objective.answer(values)) {
        ends[side] = std::move(*residuals);
        reach[side] = values[k];
      }
    }
    const double width = coordinate(keys[k], reach[1]) - coordinate(keys[k], reach[0]);
    if (width <= 0) continue;
    for (Eigen::Index i = 0; i < rows; ++i) {
      const auto row = static_cast<std::size_t>(i);
      jacobian(i, static_cast<Eigen::Index>(k)) = (ends[1][row] - ends[0][row]) / width;
    }
  }
  return jacobian;
}

}  // namespace lanewise::study
