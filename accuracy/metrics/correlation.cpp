// SPDX-License-Identifier: Apache-2.0
#include "accuracy/metrics/correlation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "core/base/error.hpp"
#include "core/base/rank_correlation.hpp"

namespace lanewise::accuracy {
namespace {

void require_pairs(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) {
    throw Error(
        fmt::format("a correlation needs pairs: there are {} values of one and {} of the other", a.size(), b.size()));
  }
  if (a.size() < 2) throw Error(fmt::format("a correlation needs two pairs at least, there is {}", a.size()));
}

void require_finite(const std::vector<double>& values) {
  for (const double value : values) {
    if (!std::isfinite(value)) throw Error("a value that is not finite cannot be ranked");
  }
}

std::vector<std::size_t> ascending(const std::vector<double>& values) {
  require_finite(values);
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return values[i] != values[j] ? values[i] < values[j] : i < j; });
  return order;
}

// How many values there are of each kind that is equal, in ascending order.
std::vector<std::size_t> runs(const std::vector<double>& values, const std::vector<std::size_t>& order) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || values[order[i]] != values[order[i - 1]]) out.push_back(0);
    ++out.back();
  }
  return out;
}

std::uint64_t pairs_of(std::size_t count) { return std::uint64_t{count} * (count - (count > 0 ? 1 : 0)) / 2; }

std::uint64_t tied_pairs(const std::vector<double>& values, const std::vector<std::size_t>& order) {
  std::uint64_t ties = 0;
  for (const std::size_t run : runs(values, order)) ties += pairs_of(run);
  return ties;
}

// Counts values by rank, and those of lower ranks, in logarithmic time (a Fenwick tree).
class Counter {
 public:
  explicit Counter(std::size_t ranks) : sums_(ranks + 1) {}
  void add(std::size_t rank) {
    for (std::size_t i = rank + 1; i < sums_.size(); i += i & (~i + 1)) ++sums_[i];
  }
  std::uint64_t below(std::size_t rank) const {
    std::uint64_t sum = 0;
    for (std::size_t i = rank; i > 0; i -= i & (~i + 1)) sum += sums_[i];
    return sum;
  }

 private:
  std::vector<std::uint64_t> sums_;
};

// Ranks from 0 without gaps, equal values having one rank.
std::vector<std::size_t> dense_ranks(const std::vector<double>& values, const std::vector<std::size_t>& order) {
  std::vector<std::size_t> ranks(values.size());
  std::size_t rank = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && values[order[i]] != values[order[i - 1]]) ++rank;
    ranks[order[i]] = rank;
  }
  return ranks;
}

}  // namespace

std::vector<double> fractional_ranks(const std::vector<double>& values) {
  const std::vector<std::size_t> order = ascending(values);
  std::vector<double> ranks(values.size());
  std::size_t first = 0;
  for (const std::size_t run : runs(values, order)) {
    const double shared = static_cast<double>(first) + (static_cast<double>(run) + 1) / 2;
    for (std::size_t i = first; i < first + run; ++i) ranks[order[i]] = shared;
    first += run;
  }
  return ranks;
}

double pearson(const std::vector<double>& a, const std::vector<double>& b) {
  require_pairs(a, b);
  const auto count = static_cast<double>(a.size());
  double mean_a = 0, mean_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) throw Error("a value that is not finite cannot be correlated");
    mean_a += a[i] / count;
    mean_b += b[i] / count;
  }
  const auto is_constant = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
  };
  if (is_constant(a) || is_constant(b)) return 0;
  double both = 0, squares_a = 0, squares_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += (a[i] - mean_a) * (b[i] - mean_b);
    squares_a += (a[i] - mean_a) * (a[i] - mean_a);
    squares_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  // Two roots and not one of the product, which may overflow or vanish.
  const double scale = std::sqrt(squares_a) * std::sqrt(squares_b);
  return scale > 0 ? std::clamp(both / scale, -1.0, 1.0) : 0;
}

double spearman(const std::vector<double>& a, const std::vector<double>& b) {
  require_pairs(a, b);
  require_finite(a);
  require_finite(b);
  return lanewise::spearman(a, b);
}

double kendall_tau(const std::vector<double>& a, const std::vector<double>& b) {
  require_pairs(a, b);
  const std::vector<std::size_t> order_a = ascending(a), order_b = ascending(b);
  const std::vector<std::size_t> rank = dense_ranks(b, order_b);
  // In the order of a, each value is compared with all that have a smaller a.
  Counter counter(a.size());
  std::uint64_t concordant = 0, discordant = 0, seen = 0;
  std::size_t first = 0;
  for (const std::size_t run : runs(a, order_a)) {
    for (std::size_t i = first; i < first + run; ++i) {
      const std::size_t r = rank[order_a[i]];
      concordant += counter.below(r);
      discordant += seen - counter.below(r + 1);
    }
    for (std::size_t i = first; i < first + run; ++i) counter.add(rank[order_a[i]]);
    first += run;
    seen = first;
  }
  const std::uint64_t all = pairs_of(a.size());
  const double untied_a = static_cast<double>(all - tied_pairs(a, order_a));
  const double untied_b = static_cast<double>(all - tied_pairs(b, order_b));
  if (untied_a <= 0 || untied_b <= 0) return 0;
  const double difference = static_cast<double>(concordant) - static_cast<double>(discordant);
  return std::clamp(difference / (std::sqrt(untied_a) * std::sqrt(untied_b)), -1.0, 1.0);
}

double spearman_inside_quartiles(const std::vector<double>& a, const std::vector<double>& b,
                                 const std::vector<double>& size) {
  require_pairs(a, b);
  require_pairs(a, size);
  constexpr std::size_t kQuartiles = 4;
  std::array<std::vector<double>, kQuartiles> inside_a, inside_b;
  const std::vector<double> ranks = fractional_ranks(size);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double share = (ranks[i] - 0.5) / static_cast<double>(a.size());  // in (0, 1)
    const auto quartile = static_cast<std::size_t>(share * kQuartiles);
    inside_a[quartile].push_back(a[i]);
    inside_b[quartile].push_back(b[i]);
  }
  double sum = 0;
  int used = 0;
  for (std::size_t quartile = 0; quartile < kQuartiles; ++quartile) {
    if (inside_a[quartile].size() < 2) continue;
    sum += spearman(inside_a[quartile], inside_b[quartile]);
    ++used;
  }
  if (used == 0) throw Error(fmt::format("{} rows are too few for a correlation inside quartiles", a.size()));
  return sum / used;
}

}  // namespace lanewise::accuracy
