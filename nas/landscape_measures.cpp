// SPDX-License-Identifier: Apache-2.0
#include "nas/landscape_measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lanewise::nas {

double count_step(double flops_a, double cost_a, double flops_b, double cost_b, StepCounts& counts) {
  constexpr double kSteep = 0.01;
  if (flops_a == flops_b) {
    ++counts.level;
    return 0;
  }
  const double before = flops_a > flops_b ? cost_a : cost_b, after = flops_a > flops_b ? cost_b : cost_a;
  ++counts.steps;
  if (!(after > before)) return 0;
  const double rise = after / before - 1;
  ++counts.rising;
  if (rise > kSteep) ++counts.steep;
  counts.worst = std::max(counts.worst, rise);
  return rise;
}

Autocorrelation autocorrelation(const std::vector<std::vector<double>>& walks, std::size_t most_lag) {
  Autocorrelation out;
  double sum = 0, square = 0, count = 0;
  for (const std::vector<double>& walk : walks) {
    for (const double cost : walk) sum += cost, ++count;
  }
  if (count == 0) return out;
  const double mean = sum / count;
  for (const std::vector<double>& walk : walks) {
    for (const double cost : walk) square += (cost - mean) * (cost - mean);
  }
  const double variance = square / count;
  if (!(variance > 0)) return out;
  for (std::size_t lag = 0; lag <= most_lag; ++lag) {
    double product = 0, pairs = 0;
    for (const std::vector<double>& walk : walks) {
      for (std::size_t i = 0; i + lag < walk.size(); ++i, ++pairs) {
        product += (walk[i] - mean) * (walk[i + lag] - mean);
      }
    }
    if (pairs == 0) break;
    out.by_lag.push_back(product / pairs / variance);
    if (out.first_below == 0 && out.by_lag.back() < std::exp(-1.0)) out.first_below = static_cast<std::int64_t>(lag);
  }
  if (out.by_lag.size() < 2 || out.by_lag[1] <= 0) return out;
  out.length = out.by_lag[1] < 1 ? -1 / std::log(out.by_lag[1]) : std::numeric_limits<double>::infinity();
  return out;
}

Adjacency grid_neighbours(std::size_t columns, std::size_t rows) {
  Adjacency out(columns * rows);
  const auto join = [&](std::size_t a, std::size_t b) {
    out[a].push_back(b);
    out[b].push_back(a);
  };
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t at = row * columns + column;
      if (column + 1 < columns) join(at, at + 1);
      if (row + 1 < rows) join(at, at + columns);
    }
  }
  return out;
}

std::vector<std::size_t> local_minima(const std::vector<double>& costs, const Adjacency& neighbours) {
  std::vector<std::size_t> minima;
  std::vector<bool> seen(costs.size(), false);
  for (std::size_t first = 0; first < costs.size(); ++first) {
    if (seen[first] || std::isnan(costs[first])) continue;
    // The whole plateau is looked at: one way down from any of its points is a way down from all.
    std::vector<std::size_t> plateau = {first};
    seen[first] = true;
    bool is_minimum = true;
    for (std::size_t i = 0; i < plateau.size(); ++i) {
      for (const std::size_t next : neighbours[plateau[i]]) {
        if (costs[next] < costs[first]) is_minimum = false;
        if (costs[next] != costs[first] || seen[next]) continue;
        seen[next] = true;
        plateau.push_back(next);
      }
    }
    if (is_minimum) minima.push_back(first);
  }
  return minima;
}

double quantile_of(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  const double beyond = at - static_cast<double>(low);
  if (beyond == 0 || values[high] == values[low]) return values[low];
  return values[low] + beyond * (values[high] - values[low]);
}

Spread spread_of(std::vector<double> values) {
  Spread out;
  if (values.empty()) return out;
  std::sort(values.begin(), values.end());
  out.least = values.front();
  out.most = values.back();
  out.tenth = quantile_of(values, 0.1);
  out.median = quantile_of(values, 0.5);
  out.ninetieth = quantile_of(values, 0.9);
  const auto count = static_cast<double>(values.size());
  for (const double value : values) out.mean += value / count;
  if (values.size() < 2) return out;
  double square = 0;
  for (const double value : values) square += (value - out.mean) * (value - out.mean);
  out.deviation = std::sqrt(square / (count - 1));
  return out;
}

std::int64_t samples_to(const std::vector<double>& best, double target) {
  for (std::size_t i = 0; i < best.size(); ++i) {
    if (best[i] <= target) return static_cast<std::int64_t>(i) + 1;
  }
  return 0;
}

}  // namespace lanewise::nas
