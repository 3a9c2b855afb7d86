// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/rank_correlation.hpp"
#include "estimator/estimator.hpp"

namespace lanewise::estimator {

Accuracy accuracy(const std::vector<double>& predicted, const std::vector<double>& measured,
                  const std::vector<double>& weights) {
  if (predicted.size() != measured.size() || (!weights.empty() && weights.size() != measured.size())) {
    throw InternalError("accuracy of lists of different lengths");
  }
  const std::vector<double> all = weights.empty() ? std::vector<double>(measured.size(), 1.0) : weights;
  Accuracy result;
  double total = 0, absolute = 0, squared = 0, within_5 = 0, within_10 = 0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    if (!(measured[i] > 0) || !(predicted[i] > 0)) throw InternalError("accuracy of a value that is not above 0");
    if (all[i] <= 0) continue;
    const double error = std::abs(predicted[i] - measured[i]) / measured[i];
    ++result.rows;
    total += all[i];
    absolute += all[i] * error;
    squared += all[i] * error * error;
    within_5 += error <= 0.05 ? all[i] : 0;
    within_10 += error <= 0.10 ? all[i] : 0;
  }
  if (result.rows == 0) return result;
  result.mape_percent = 100 * absolute / total;
  result.rmspe_percent = 100 * std::sqrt(squared / total);
  result.within_5_percent = 100 * within_5 / total;
  result.within_10_percent = 100 * within_10 / total;
  result.spearman = weighted_spearman(predicted, measured, all);
  return result;
}

}  // namespace lanewise::estimator
