// SPDX-License-Identifier: Apache-2.0
// The objective that parameter_search minimises, and its Jacobian. Private to the search.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "study/calibration/parameter_search.hpp"

namespace lanewise::study {

// Where Huber's loss turns from quadratic to linear, in standard deviations: 95 % efficiency on normally distributed
// residuals (Huber, 1964).
inline constexpr double kHuber = 1.345;

// Robust squared residuals plus squared distance from the description, for one set of keys.
class FitObjective {
 public:
  // `weights`: of SearchSettings.
  FitObjective(const std::vector<SearchKey>& keys, const ResidualModel& model, double spread,
               const std::vector<double>& weights)
      : keys_(keys), model_(model), spread_(spread), weights_(weights), felt_(keys.size(), true) {}

  struct Point {
    std::vector<double> values;
    Residuals residuals;
    double objective = std::numeric_limits<double>::infinity();
  };

  // Evaluates the model; the objective is infinite where it has no answer. `noise`: the scatter, in log units.
  Point at(const std::vector<double>& values, double noise);
  double objective(const std::vector<double>& values, const Residuals& residuals, double noise) const;
  std::optional<Residuals> answer(const std::vector<double>& values) {
    ++evaluations_;
    return model_(values);
  }
  // Marks the keys that no residual depends on, even under a large change of the key alone; slopes and steps leave them
  // out.
  void find_felt(const Point& point);
  bool felt(std::size_t key) const { return felt_[key]; }
  const std::vector<SearchKey>& keys() const { return keys_; }
  std::int64_t evaluations() const { return evaluations_; }
  double weight(std::size_t row) const { return weights_.empty() ? 1 : weights_[row]; }
  // Standard deviation of a key's prior, in log units.
  double spread(std::size_t key) const { return keys_[key].spread > 0 ? keys_[key].spread : spread_; }

 private:
  const std::vector<SearchKey>& keys_;
  const ResidualModel& model_;
  double spread_;
  const std::vector<double>& weights_;
  std::vector<bool> felt_;
  std::int64_t evaluations_ = 0;
};

// The Jacobian: the change of every residual (rows) per unit of every key's coordinate (columns), by central
// differences. A key that no probe changes, or whose range leaves no room for one, is a column of zeroes.
Eigen::MatrixXd slopes(FitObjective& objective, const FitObjective::Point& point);

}  // namespace lanewise::study
