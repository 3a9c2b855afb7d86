// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/hypervolume.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace lanewise::nas {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool below(const Point& point, const Point& reference) {
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (!(point[i] < reference[i])) return false;
  }
  return true;
}

bool weakly_dominates(const Point& a, const Point& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
  }
  return true;
}

// Decomposes what points dominate below a corner. Works on ranks, which are all different in every coordinate: then the
// points are in general position, and boxes between ranks of equal values are empty.
class Decomposition {
 public:
  // The dominated boxes of `points`, which lie below `corner` in every coordinate; upper corners are exclusive.
  Decomposition(const std::vector<Point>& points, const Point& corner) : dimensions_(corner.size()) {
    values_.resize(dimensions_);
    std::vector<std::vector<int>> ranked(points.size(), std::vector<int>(dimensions_));
    std::vector<std::size_t> order(points.size());
    for (std::size_t d = 0; d < dimensions_; ++d) {
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return points[a][d] < points[b][d]; });
      for (std::size_t i = 0; i < order.size(); ++i) {
        ranked[order[i]][d] = static_cast<int>(i);
        values_[d].push_back(points[order[i]][d]);
      }
      values_[d].push_back(corner[d]);
    }
    Bound whole;
    whole.upper.assign(dimensions_, static_cast<int>(points.size()));
    // Beside the points of the set, one beyond every coordinate defines each face of the corner.
    for (std::size_t j = 0; j < dimensions_; ++j) {
      whole.defining.emplace_back(dimensions_, -1);
      whole.defining[j][j] = static_cast<int>(points.size());
    }
    bounds_.push_back(std::move(whole));
    for (const std::vector<int>& point : ranked) insert(point);
  }

  std::vector<Box> dominated() const {
    std::vector<Box> boxes;
    for (const Bound& bound : bounds_) {
      Box box{Point(dimensions_), Point(dimensions_)};
      bool empty = false;
      for (std::size_t j = 0; j < dimensions_ && !empty; ++j) {
        int lower = bound.defining[0][j];
        for (std::size_t k = 1; k < j; ++k) lower = std::max(lower, bound.defining[k][j]);
        const int upper = j == 0 ? static_cast<int>(values_[0].size()) - 1 : bound.upper[j];
        empty = lower < 0 || lower >= upper;
        if (empty) break;
        box.lower[j] = values_[j][static_cast<std::size_t>(lower)];
        box.upper[j] = values_[j][static_cast<std::size_t>(upper)];
        empty = !(box.lower[j] < box.upper[j]);
      }
      if (!empty) boxes.push_back(std::move(box));
    }
    return boxes;
  }

  // Corners of the zones in which a further point would be dominated by none: the local upper bounds.
  std::vector<Point> upper_bounds() const {
    std::vector<Point> corners;
    for (const Bound& bound : bounds_) {
      Point corner;
      for (std::size_t j = 0; j < dimensions_; ++j)
        corner.push_back(values_[j][static_cast<std::size_t>(bound.upper[j])]);
      corners.push_back(std::move(corner));
    }
    return corners;
  }

 private:
  struct Bound {
    std::vector<int> upper;
    std::vector<std::vector<int>> defining;  // defining[j][j] == upper[j]
  };

  void insert(const std::vector<int>& point) {
    std::vector<Bound> kept;
    std::vector<Bound> added;
    for (Bound& bound : bounds_) {
      bool inside = true;
      for (std::size_t j = 0; j < dimensions_ && inside; ++j) inside = point[j] < bound.upper[j];
      if (!inside) {
        kept.push_back(std::move(bound));
        continue;
      }
      for (std::size_t j = 0; j < dimensions_; ++j) {
        int highest = -1;
        for (std::size_t k = 0; k < dimensions_; ++k) {
          if (k != j) highest = std::max(highest, bound.defining[k][j]);
        }
        if (point[j] <= highest) continue;
        Bound cut = bound;
        cut.upper[j] = point[j];
        cut.defining[j] = point;
        added.push_back(std::move(cut));
      }
    }
    bounds_ = std::move(kept);
    bounds_.insert(bounds_.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
  }

  std::size_t dimensions_;
  std::vector<std::vector<double>> values_;  // per coordinate and rank; the corner's last
  std::vector<Bound> bounds_;
};

double volume_of_two(const std::vector<Point>& front, const Point& reference) {
  double volume = 0;
  double lowest = reference[1];
  for (const Point& point : front) {
    volume += (reference[0] - point[0]) * (lowest - point[1]);
    lowest = point[1];
  }
  return volume;
}

}  // namespace

std::vector<Point> minimal_points(const std::vector<Point>& points, const Point& reference) {
  std::vector<Point> sorted;
  for (const Point& point : points) {
    if (below(point, reference)) sorted.push_back(point);
  }
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<Point> front;
  double lowest = kInfinity;
  for (Point& point : sorted) {
    if (reference.size() == 2) {  // sorted by the first: only the second decides
      if (!(point[1] < lowest)) continue;
      lowest = point[1];
    } else if (std::any_of(front.begin(), front.end(), [&](const Point& p) { return weakly_dominates(p, point); })) {
      continue;
    }
    front.push_back(std::move(point));
  }
  return front;
}

double hypervolume(const std::vector<Point>& points, const Point& reference) {
  const std::vector<Point> front = minimal_points(points, reference);
  if (front.empty() || reference.empty()) return 0;
  if (reference.size() == 1) return reference[0] - front.front()[0];
  if (reference.size() == 2) return volume_of_two(front, reference);
  double volume = 0;
  for (const Box& box : Decomposition(front, reference).dominated()) {
    double part = 1;
    for (std::size_t j = 0; j < reference.size(); ++j) part *= box.upper[j] - box.lower[j];
    volume += part;
  }
  return volume;
}

std::vector<Box> non_dominated_boxes(const std::vector<Point>& points, const Point& reference) {
  const std::size_t dimensions = reference.size();
  const std::vector<Point> front = minimal_points(points, reference);
  if (front.empty()) return {Box{Point(dimensions, -kInfinity), reference}};
  std::vector<Box> boxes;
  if (dimensions == 2) {
    // Strips along the first objective.
    double left = -kInfinity, ceiling = reference[1];
    for (const Point& point : front) {
      boxes.push_back({{left, -kInfinity}, {point[0], ceiling}});
      left = point[0];
      ceiling = point[1];
    }
    boxes.push_back({{left, -kInfinity}, {reference[0], ceiling}});
    return boxes;
  }
  // What lies below the local upper bounds is, with all signs turned, what they dominate.
  std::vector<Point> turned;
  for (Point& corner : Decomposition(front, reference).upper_bounds()) {
    for (double& value : corner) value = -value;
    turned.push_back(std::move(corner));
  }
  const Point corner(dimensions, kInfinity);
  for (Box& box : Decomposition(minimal_points(turned, corner), corner).dominated()) {
    for (std::size_t j = 0; j < dimensions; ++j) {
      std::swap(box.lower[j], box.upper[j]);
      box.lower[j] = -box.lower[j];
      box.upper[j] = -box.upper[j];
    }
    boxes.push_back(std::move(box));
  }
  return boxes;
}

}  // namespace lanewise::nas
