// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/hypervolume.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/random.hpp"
#include "nas/algorithms/hypervolume_gain.hpp"

namespace lanewise::nas {
namespace {

// Whole coordinates: unit cells can be counted.
std::vector<Point> whole_points(std::uint64_t seed, std::size_t count, std::size_t objectives, std::uint64_t extent) {
  Random random(seed);
  std::vector<Point> points(count);
  for (Point& point : points) {
    for (std::size_t k = 0; k < objectives; ++k) point.push_back(static_cast<double>(random.below(extent)));
  }
  return points;
}

// Calls `see` with the middle of every unit cell of [0, extent)^objectives.
template <class See>
void for_each_cell(std::size_t objectives, int extent, const See& see) {
  Point cell(objectives, 0.5);
  for (;;) {
    see(cell);
    std::size_t k = 0;
    while (k < objectives && (cell[k] += 1) > extent) cell[k++] = 0.5;
    if (k == objectives) return;
  }
}

bool is_dominated(const std::vector<Point>& points, const Point& cell) {
  for (const Point& point : points) {
    bool all = true;
    for (std::size_t k = 0; k < cell.size(); ++k) all = all && point[k] <= cell[k];
    if (all) return true;
  }
  return false;
}

TEST(Hypervolume, is_the_count_of_dominated_cells) {
  for (std::size_t objectives = 1; objectives <= 4; ++objectives) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const auto points = whole_points(seed, 12, objectives, 7);
      double cells = 0;
      for_each_cell(objectives, 7, [&](const Point& cell) { cells += is_dominated(points, cell) ? 1 : 0; });
      EXPECT_EQ(hypervolume(points, Point(objectives, 7)), cells) << objectives << " " << seed;
    }
  }
}

TEST(Hypervolume, of_nothing_below_the_reference_is_nothing) {
  EXPECT_EQ(hypervolume({}, {1, 1}), 0);
  EXPECT_EQ(hypervolume({{1, 0}, {0, 2}}, {1, 1}), 0);
}

TEST(NonDominatedBoxes, cover_once_what_is_not_dominated_and_nothing_else) {
  for (std::size_t objectives = 1; objectives <= 4; ++objectives) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const auto points = whole_points(seed, seed == 1 ? 0 : 10, objectives, 6);
      const auto boxes = non_dominated_boxes(points, Point(objectives, 6));
      for_each_cell(objectives, 7, [&](const Point& cell) {
        int covers = 0;
        bool below = true;
        for (const double value : cell) below = below && value < 6;
        for (const Box& box : boxes) {
          bool inside = true;
          for (std::size_t k = 0; k < objectives; ++k) {
            inside = inside && cell[k] > box.lower[k] && cell[k] < box.upper[k];
          }
          covers += inside ? 1 : 0;
        }
        EXPECT_EQ(covers, below && !is_dominated(points, cell) ? 1 : 0);
      });
    }
  }
}

// Against draws: one objective known, one straight, one on a logarithm.
TEST(HypervolumeGain, is_the_mean_gain_of_draws) {
  const std::vector<double> values = {3, 4, 5, 8, 20};
  const OutcomeScale straight = OutcomeScale::linear(values), logarithm = OutcomeScale::logarithmic(values, 1);
  const std::vector<Point> front = {{2, 5, 9}, {4, 4, 7}, {6, 9, 3}, {3, 8, 5}};
  const Point reference = {9, 12, 15};
  const std::vector<Belief> beliefs = {{nullptr, 3.5, 0}, {&straight, -0.4, 0.5}, {&logarithm, -0.2, 0.7}};
  const double before = hypervolume(front, reference);
  Random random(5);
  double sum = 0;
  constexpr int kDraws = 40000;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<Point> more = front;
    more.push_back(
        {3.5, straight.from_scale(-0.4 + 0.5 * random.normal()), logarithm.from_scale(-0.2 + 0.7 * random.normal())});
    sum += hypervolume(more, reference) - before;
  }
  const double expected = HypervolumeGain(front, reference).expected(beliefs);
  EXPECT_NEAR(sum / kDraws, expected, 0.02 * expected);
}

TEST(HypervolumeGain, of_one_objective_is_the_expected_improvement) {
  const OutcomeScale scale = OutcomeScale::linear({-1, 1});  // as it is
  for (const double best : {-7.0, -2.0, 0.0, 1.5}) {
    const double expected = best * normal_below(best) + std::exp(-0.5 * best * best) / 2.5066282746310002;
    EXPECT_NEAR(HypervolumeGain({{best}}, {5}).expected({{&scale, 0, 1}}), expected, 1e-6 * expected + 1e-15) << best;
  }
}

TEST(HypervolumeGain, of_what_is_known_is_what_it_adds) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    auto points = whole_points(seed, 9, 3, 8);
    const Point more = points.back();
    points.pop_back();
    const Point reference(3, 8);
    std::vector<Belief> beliefs;
    for (const double value : more) beliefs.push_back({nullptr, value, 0});
    const double before = hypervolume(points, reference);
    points.push_back(more);
    const double gain = hypervolume(points, reference) - before;
    points.pop_back();
    EXPECT_NEAR(HypervolumeGain(points, reference).expected(beliefs), gain, 1e-9);
  }
}

}  // namespace
}  // namespace lanewise::nas
