// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/repeatability.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace lanewise::study {
namespace {

constexpr double kBelief = 2;         // observations of the pooled scatter that stand beside a layer's own
constexpr double kLeastWeight = 0.1;  // a layer that scatters more than tenfold still says something

using Layer = std::pair<std::size_t, std::string>;  // engine set, shape

std::map<Layer, std::vector<double>> measured_by_layer(const MeasuredRows& rows, const std::vector<bool>* use) {
  std::map<Layer, std::vector<double>> out;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const MeasuredRow& row = rows.rows[i];
    if (use == nullptr || (*use)[i]) out[{row.engine_set, row.shape}].push_back(static_cast<double>(row.cycles));
  }
  return out;
}

// Sum of the squared distances of logarithms from their mean.
double squares_of(const std::vector<double>& measured) {
  double mean = 0, squares = 0;
  for (const double cycles : measured) mean += std::log(cycles) / static_cast<double>(measured.size());
  for (const double cycles : measured) squares += (std::log(cycles) - mean) * (std::log(cycles) - mean);
  return squares;
}

double pooled_variance(const std::map<Layer, std::vector<double>>& layers) {
  double squares = 0, freedom = 0;
  for (const auto& [layer, measured] : layers) {
    squares += squares_of(measured);
    freedom += static_cast<double>(measured.size() - 1);
  }
  return freedom > 0 ? squares / freedom : 0;
}

// The least sum of relative errors that one answer for all has. The sum is linear between neighbouring measured values,
// so that one of them is best.
double least_errors(const std::vector<double>& measured) {
  double least = 0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    double sum = 0;
    for (const double cycles : measured) sum += std::abs(measured[i] - cycles) / cycles;
    if (i == 0 || sum < least) least = sum;
  }
  return least;
}

}  // namespace

Repeatability repeatability(const MeasuredRows& rows) {
  const auto layers = measured_by_layer(rows, nullptr);
  Repeatability out;
  double errors = 0;
  for (const auto& [layer, measured] : layers) {
    if (measured.size() < 2) continue;
    out.rows += static_cast<std::int64_t>(measured.size());
    ++out.shapes;
    errors += least_errors(measured);
  }
  if (out.rows == 0) return out;
  out.floor_of_repeats_percent = 100 * errors / static_cast<double>(out.rows);
  out.floor_percent = 100 * errors / static_cast<double>(rows.rows.size());
  out.scatter = std::sqrt(pooled_variance(layers));
  return out;
}

std::vector<double> repeatability_weights(const MeasuredRows& rows, const std::vector<bool>& use) {
  const auto layers = measured_by_layer(rows, &use);
  const double pooled = pooled_variance(layers);
  std::vector<double> weights, variances;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (!use[i]) continue;
    const std::vector<double>& measured = layers.at({rows.rows[i].engine_set, rows.rows[i].shape});
    const double own = static_cast<double>(measured.size() - 1);
    variances.push_back((kBelief * pooled + squares_of(measured)) / (kBelief + own));
  }
  if (variances.empty()) return weights;
  std::vector<double> sorted = variances;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  for (const double variance : variances) {
    weights.push_back(variance > *middle ? std::max(kLeastWeight, std::sqrt(*middle / variance)) : 1);
  }
  return weights;
}

}  // namespace lanewise::study
