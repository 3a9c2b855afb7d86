// SPDX-License-Identifier: Apache-2.0
// What parameter_search minimises, and how it changes with the keys. Private to the search.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "study/calibration/parameter_search.hpp"

namespace lanewise::study {

// Huber's bound, in deviations: 95 % efficiency on normal scatter.
inline constexpr double kHuber = 1.345;

// The objective around one description.
class FitObjective {
 public:
  FitObjective(const std::vector<SearchKey>& keys, const ResidualModel& model, double spread)
      : keys_(keys), model_(model), spread_(spread), felt_(keys.size(), true) {}

  struct Point {
    std::vector<double> values;
    Residuals residuals;
    double objective = std::numeric_limits<double>::infinity();
  };

  // Infinite where the model has no answer.
  Point at(const std::vector<double>& values, double noise);
  double objective(const std::vector<double>& values, const Residuals& residuals, double noise) const;
  std::optional<Residuals> answer(const std::vector<double>& values) {
    ++evaluations_;
    return model_(values);
  }
  // Leaves keys out of slopes and steps while no large change of them alone moves any residual.
  void find_felt(const Point& point);
  bool felt(std::size_t key) const { return felt_[key]; }
  const std::vector<SearchKey>& keys() const { return keys_; }
  std::int64_t evaluations() const { return evaluations_; }
  double spread() const { return spread_; }

 private:
  const std::vector<SearchKey>& keys_;
  const ResidualModel& model_;
  double spread_;
  std::vector<bool> felt_;
  std::int64_t evaluations_ = 0;
};

// Change of every residual (rows) with every key's coordinate (columns), from the difference over one probe each way. A
// key that no probe moves, or that has no room, is a column of zeroes.
Eigen::MatrixXd slopes(FitObjective& objective, const FitObjective::Point& point);

}  // namespace lanewise::study
