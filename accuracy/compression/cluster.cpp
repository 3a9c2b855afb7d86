// SPDX-License-Identifier: Apache-2.0
#include "accuracy/compression/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/error.hpp"

namespace lanewise::accuracy {

namespace {

// Values that stay together: how many, and their sums about a middle, which keeps the digits of small differences.
struct Sums {
  double count = 0, sum = 0, squares = 0;
};

class Runs {
 public:
  explicit Runs(const std::vector<Sums>& points) : before_(points.size() + 1) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      before_[i + 1] = {before_[i].count + points[i].count, before_[i].sum + points[i].sum,
                        before_[i].squares + points[i].squares};
    }
  }
  std::size_t size() const { return before_.size() - 1; }
  // Of the points in [from, to).
  double error(std::size_t from, std::size_t to) const {
    const double count = before_[to].count - before_[from].count, sum = before_[to].sum - before_[from].sum;
    return count > 0 ? std::max(0.0, before_[to].squares - before_[from].squares - sum * sum / count) : 0;
  }

 private:
  std::vector<Sums> before_;
};

// One layer of the dynamic program: the least error of the first n points in one run more than `earlier` has.
class Layer {
 public:
  Layer(const Runs& runs, const std::vector<double>& earlier) : runs_(runs), earlier_(earlier) {
    error.resize(runs.size() + 1, std::numeric_limits<double>::infinity());
    begin.resize(runs.size() + 1, 0);
    solve(1, runs.size(), 0, runs.size() - 1);
  }
  std::vector<double> error = {0};
  std::vector<std::int32_t> begin;  // of the last run

 private:
  const Runs& runs_;
  const std::vector<double>& earlier_;

  // For all n in [first, last], whose last run begins in [low, high].
  void solve(std::size_t first, std::size_t last, std::size_t low, std::size_t high) {
    if (first > last) return;
    const std::size_t middle = first + (last - first) / 2;
    std::size_t best = low;
    for (std::size_t at = low; at <= std::min(high, middle - 1); ++at) {
      const double total = earlier_[at] + runs_.error(at, middle);
      if (total < error[middle]) {
        error[middle] = total;
        best = at;
      }
    }
    begin[middle] = static_cast<std::int32_t>(best);
    solve(first, middle - 1, low, best);
    solve(middle + 1, last, best, high);
  }
};

// Where runs begin, ascending, the first at 0.
std::vector<std::size_t> best_begins(const Runs& runs, std::int64_t count) {
  std::vector<double> error = {0};
  error.resize(runs.size() + 1, std::numeric_limits<double>::infinity());
  std::vector<std::vector<std::int32_t>> layers;
  for (std::int64_t i = 0; i < count; ++i) {
    Layer layer(runs, error);
    error = std::move(layer.error);
    layers.push_back(std::move(layer.begin));
  }
  std::vector<std::size_t> begins;
  std::size_t end = runs.size();
  for (auto layer = layers.rbegin(); layer != layers.rend() && end > 0; ++layer) {
    end = static_cast<std::size_t>((*layer)[end]);
    begins.push_back(end);
  }
  std::reverse(begins.begin(), begins.end());
  return begins;
}

}  // namespace

Clusters cluster_values(const std::vector<float>& values, std::int64_t count) {
  if (values.empty() || count < 1) throw InternalError("clusters need a value and a number of them");
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  const double middle = values[order[order.size() / 2]];
  // Points: equal values, and where there are too many different ones neighbours of about equal count.
  std::vector<Sums> points;
  std::vector<std::size_t> point_of(values.size());  // by place in the order
  std::size_t different = 1;
  for (std::size_t i = 1; i < order.size(); ++i) different += values[order[i]] != values[order[i - 1]] ? 1 : 0;
  const std::size_t most =
      std::max<std::size_t>(static_cast<std::size_t>(kExactClusterValues), static_cast<std::size_t>(count));
  const std::size_t together = different <= most ? 1 : (values.size() + most - 1) / most;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double value = values[order[i]] - middle;
    const bool is_new =
        i == 0 || (values[order[i]] != values[order[i - 1]] && points.back().count >= static_cast<double>(together));
    if (is_new) points.emplace_back();
    points.back().count += 1;
    points.back().sum += value;
    points.back().squares += value * value;
    point_of[i] = points.size() - 1;
  }
  const Runs runs(points);
  const auto wanted = std::min<std::int64_t>(count, static_cast<std::int64_t>(points.size()));
  const std::vector<std::size_t> begins = best_begins(runs, wanted);
  Clusters out;
  out.assigned.resize(values.size());
  std::size_t at = 0;
  for (std::size_t run = 0; run < begins.size(); ++run) {
    const std::size_t end = run + 1 < begins.size() ? begins[run + 1] : points.size();
    const std::size_t first = at;
    double sum = 0;
    for (; at < order.size() && point_of[at] < end; ++at) {
      sum += values[order[at]];
      out.assigned[order[at]] = static_cast<std::int64_t>(run);
    }
    out.centres.push_back(sum / static_cast<double>(at - first));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double apart = values[i] - out.centres[static_cast<std::size_t>(out.assigned[i])];
    out.squared_error += apart * apart;
  }
  return out;
}

}  // namespace lanewise::accuracy
