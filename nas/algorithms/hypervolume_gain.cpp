// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/hypervolume_gain.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "nas/algorithms/dominance.hpp"

namespace lanewise::nas {
namespace {

// How many points of a front are looked at. What is left out looks as if it were to be gained again, so it is as many
// as the candidates leave time for: of three objectives a point makes two boxes, of more ever more.
std::size_t most_points(std::size_t objectives, std::size_t candidates) {
  constexpr std::size_t kPointsTimesCandidates = 460'800;
  if (objectives <= 2) return 512;
  if (objectives == 3)
    return std::clamp<std::size_t>(kPointsTimesCandidates / std::max<std::size_t>(candidates, 1), 64, 256);
  return objectives == 4 ? 24 : 12;
}

// The most crowded points go first.
std::vector<Point> thinned(std::vector<Point> front, std::size_t most) {
  if (front.size() <= most) return front;
  std::vector<Evaluation> evaluations;
  for (const Point& point : front) evaluations.push_back({point, 0});
  std::vector<std::size_t> order(front.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::vector<double> distance = crowding_distance(evaluations, order);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return distance[a] > distance[b]; });
  std::vector<Point> kept;
  for (std::size_t i = 0; i < most; ++i) kept.push_back(front[order[i]]);
  return kept;
}

}  // namespace

HypervolumeGain::HypervolumeGain(const std::vector<Point>& front, const Point& reference, std::size_t candidates)
    : levels_(reference.size(), {-std::numeric_limits<double>::infinity()}), falls_(reference.size()) {
  const std::size_t most = most_points(reference.size(), candidates);
  const std::vector<Box> boxes = non_dominated_boxes(thinned(minimal_points(front, reference), most), reference);
  for (std::size_t j = 0; j < reference.size(); ++j) {
    for (const Box& box : boxes) {
      levels_[j].push_back(box.lower[j]);
      levels_[j].push_back(box.upper[j]);
    }
    std::sort(levels_[j].begin(), levels_[j].end());
    levels_[j].erase(std::unique(levels_[j].begin(), levels_[j].end()), levels_[j].end());
    falls_[j].resize(levels_[j].size());
  }
  const auto level = [&](std::size_t j, double value) {
    return static_cast<std::size_t>(std::lower_bound(levels_[j].begin(), levels_[j].end(), value) - levels_[j].begin());
  };
  for (const Box& box : boxes) {
    Cell cell;
    for (std::size_t j = 0; j < reference.size(); ++j) {
      cell.lower.push_back(level(j, box.lower[j]));
      cell.upper.push_back(level(j, box.upper[j]));
    }
    cells_.push_back(std::move(cell));
  }
}

double HypervolumeGain::expected(const std::vector<Belief>& beliefs) const {
  constexpr double kUnknown = -1;
  for (std::size_t j = 0; j < beliefs.size(); ++j) {
    std::vector<double>& falls = falls_[j];
    falls.assign(falls.size(), kUnknown);
    falls[0] = 0;
    if (beliefs[j].scale != nullptr) continue;
    for (std::size_t l = 1; l < falls.size(); ++l) falls[l] = std::max(0.0, levels_[j][l] - beliefs[j].mean);
  }
  const auto fall = [&](std::size_t j, std::size_t l) {
    double& value = falls_[j][l];
    if (value < 0) value = beliefs[j].scale->expected_fall(levels_[j][l], beliefs[j].mean, beliefs[j].deviation);
    return value;
  };
  double sum = 0;
  for (const Cell& cell : cells_) {
    double part = 1;
    // Known objectives first: where they rule a box out nothing else need be computed.
    for (const bool known : {true, false}) {
      for (std::size_t j = 0; j < beliefs.size() && part > 0; ++j) {
        if ((beliefs[j].scale == nullptr) != known) continue;
        part *= std::max(0.0, fall(j, cell.upper[j]) - fall(j, cell.lower[j]));
      }
    }
    sum += part;
  }
  return sum;
}

}  // namespace lanewise::nas
