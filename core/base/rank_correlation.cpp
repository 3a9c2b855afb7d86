// SPDX-License-Identifier: Apache-2.0
#include "core/base/rank_correlation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.hpp"

namespace lanewise {
namespace {

// Mean rank of each value, ties sharing theirs, a row of weight w counted as w rows.
std::vector<double> ranks(const std::vector<double>& values, const std::vector<double>& weights) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  double below = 0;
  for (std::size_t first = 0; first < order.size();) {
    double tied = 0;
    std::size_t last = first;
    while (last < order.size() && values[order[last]] == values[order[first]]) tied += weights[order[last++]];
    for (std::size_t i = first; i < last; ++i) result[order[i]] = below + (tied + 1) / 2;
    below += tied;
    first = last;
  }
  return result;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& weights) {
  double total = 0, mean_a = 0, mean_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    total += weights[i];
    mean_a += weights[i] * a[i];
    mean_b += weights[i] * b[i];
  }
  if (total <= 0) return 0;
  mean_a /= total;
  mean_b /= total;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += weights[i] * (a[i] - mean_a) * (b[i] - mean_b);
    aa += weights[i] * (a[i] - mean_a) * (a[i] - mean_a);
    bb += weights[i] * (b[i] - mean_b) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0) : 0;
}

}  // namespace

double weighted_spearman(const std::vector<double>& a, const std::vector<double>& b,
                         const std::vector<double>& weights) {
  if (a.size() != b.size() || a.size() != weights.size()) {
    throw InternalError("rank correlation of lists of different lengths");
  }
  return correlation(ranks(a, weights), ranks(b, weights), weights);
}

double spearman(const std::vector<double>& a, const std::vector<double>& b) {
  return weighted_spearman(a, b, std::vector<double>(a.size(), 1.0));
}

}  // namespace lanewise
