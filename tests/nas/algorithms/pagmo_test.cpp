// SPDX-License-Identifier: Apache-2.0
// Hypervolume, dominance, non-dominated sorting and crowding give the numbers of pagmo2 (Biscani and Izzo, 2020), which
// a test may link and the product does not.
#include <gtest/gtest.h>

#ifdef LANEWISE_HAS_PAGMO

#include <algorithm>
#include <cmath>
#include <pagmo/utils/hypervolume.hpp>
#include <pagmo/utils/multi_objective.hpp>

#include "core/base/random.hpp"
#include "nas/algorithms/dominance.hpp"
#include "nas/algorithms/hypervolume.hpp"

namespace lanewise::nas {
namespace {

// `coarse`: small whole values, so that ties and duplicates are frequent; else values of the unit interval. Some are
// repeated as a whole.
std::vector<Point> random_points(std::uint64_t seed, std::size_t count, std::size_t objectives, bool coarse) {
  Random random(seed);
  std::vector<Point> points;
  while (points.size() < count) {
    if (!points.empty() && random.chance(0.1)) {
      points.push_back(random.pick(points));
      continue;
    }
    Point point;
    for (std::size_t k = 0; k < objectives; ++k) {
      point.push_back(coarse ? static_cast<double>(random.below(6)) : random.unit());
    }
    points.push_back(point);
  }
  return points;
}

std::vector<Evaluation> evaluations_of(const std::vector<Point>& points) {
  std::vector<Evaluation> evaluations;
  for (const Point& point : points) evaluations.push_back({point, 0});
  return evaluations;
}

TEST(Pagmo, hypervolumes_are_equal_in_two_to_six_dimensions) {
  for (std::size_t objectives = 2; objectives <= 6; ++objectives) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      const bool coarse = seed % 2 == 0;
      const auto points = random_points(100 * objectives + seed, objectives <= 3 ? 120 : 30, objectives, coarse);
      const Point reference(objectives, coarse ? 6.5 : 1.1);
      const double expected = pagmo::hypervolume(points, true).compute(reference);
      EXPECT_NEAR(hypervolume(points, reference), expected, 1e-12 * expected) << objectives << " " << seed;
    }
  }
}

TEST(Pagmo, dominance_is_the_same) {
  for (std::size_t objectives = 1; objectives <= 4; ++objectives) {
    const auto points = random_points(objectives, 60, objectives, true);
    for (const Point& a : points) {
      for (const Point& b : points) {
        EXPECT_EQ(dominates(Evaluation{a, 0}, Evaluation{b, 0}), pagmo::pareto_dominance(a, b));
      }
    }
  }
}

TEST(Pagmo, fronts_are_the_same_one_after_another) {
  for (std::size_t objectives = 2; objectives <= 5; ++objectives) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const auto points = random_points(7 * seed + objectives, 90, objectives, seed % 2 == 0);
      auto expected = std::get<0>(pagmo::fast_non_dominated_sorting(points));
      for (auto& front : expected) std::sort(front.begin(), front.end());
      const auto found = non_dominated_sort(evaluations_of(points));
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i], std::vector<std::size_t>(expected[i].begin(), expected[i].end()));
      }
    }
  }
}

// Of points with equal values it is open which is whose neighbour: fronts without such are held to the digit.
TEST(Pagmo, crowding_distances_are_equal) {
  for (std::size_t objectives = 2; objectives <= 4; ++objectives) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      std::vector<Point> points;
      Random random(seed);
      for (int i = 0; i < 200; ++i) {
        Point point;
        for (std::size_t k = 0; k < objectives; ++k) point.push_back(random.unit());
        points.push_back(point);
      }
      const auto evaluations = evaluations_of(points);
      for (const auto& front : non_dominated_sort(evaluations)) {
        if (front.size() < 2) continue;
        std::vector<Point> members;
        for (const std::size_t i : front) members.push_back(points[i]);
        const auto expected = pagmo::crowding_distance(members);
        const auto found = crowding_distance(evaluations, front);
        for (std::size_t i = 0; i < front.size(); ++i) {
          if (std::isinf(expected[i])) {
            EXPECT_TRUE(std::isinf(found[i]));
          } else {
            EXPECT_NEAR(found[i], expected[i], 1e-12);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace lanewise::nas

#else

TEST(Pagmo, is_installed) { GTEST_SKIP() << "pagmo2 is not installed (scripts/install-packages --check)"; }

#endif
