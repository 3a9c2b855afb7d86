// SPDX-License-Identifier: Apache-2.0
#include "accuracy/metrics/correlation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy {
namespace {

using Values = std::vector<double>;

TEST(Correlation, equal_values_share_the_mean_of_their_ranks) {
  EXPECT_EQ(fractional_ranks({10, 20, 20, 5, 20}), (Values{2, 4, 4, 1, 4}));
  EXPECT_EQ(fractional_ranks({3, 3}), (Values{1.5, 1.5}));
}

// Worked by hand: the ranks of b are 1, 2, 3.5, 5, 3.5, so Σ(a−3)(b−3) = 8, Σ(a−3)² = 10, Σ(b−3)² = 9.5.
TEST(Correlation, spearman_of_a_worked_example_with_a_tie) {
  EXPECT_NEAR(spearman({1, 2, 3, 4, 5}, {5, 6, 7, 8, 7}), 8 / std::sqrt(95.0), 1e-15);
}

// Without ties ρ = 1 − 6Σd²/(n(n²−1)): d = 1, 1, 1, 1, so 1 − 24/60.
TEST(Correlation, spearman_of_a_worked_example_without_ties) {
  EXPECT_NEAR(spearman({1, 2, 3, 4}, {2, 1, 4, 3}), 0.6, 1e-15);
  EXPECT_NEAR(spearman({1, 2, 3, 4}, {0.1, 1e3, 1e6, 1e9}), 1, 1e-15);
  EXPECT_NEAR(spearman({1, 2, 3, 4}, {4, 3, 2, 1}), -1, 1e-15);
}

// Of ten pairs, two are tied in a, one of which is tied in b as well, so τ-b = (2 − 6)/√((10−2)(10−1)).
TEST(Correlation, kendall_of_a_worked_example_with_ties) {
  EXPECT_NEAR(kendall_tau({12, 2, 1, 12, 2}, {1, 4, 7, 1, 0}), -4 / std::sqrt(72.0), 1e-15);
  EXPECT_NEAR(kendall_tau({1, 2, 3, 4}, {2, 1, 4, 3}), (4.0 - 2.0) / 6, 1e-15);
}

TEST(Correlation, kendall_is_that_of_all_pairs) {
  Random random(7);
  for (int round = 0; round < 100; ++round) {
    const std::size_t count = 2 + static_cast<std::size_t>(random.below(40));
    Values a, b;
    for (std::size_t i = 0; i < count; ++i) {
      a.push_back(static_cast<double>(random.below(8)));
      b.push_back(static_cast<double>(random.below(8)));
    }
    double agree = 0, untied_a = 0, untied_b = 0;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double x = a[i] < a[j] ? -1 : a[i] > a[j] ? 1 : 0, y = b[i] < b[j] ? -1 : b[i] > b[j] ? 1 : 0;
        agree += x * y;
        untied_a += x * x;
        untied_b += y * y;
      }
    }
    const double expected = untied_a * untied_b == 0 ? 0 : agree / std::sqrt(untied_a * untied_b);
    ASSERT_NEAR(kendall_tau(a, b), expected, 1e-12);
  }
}

TEST(Correlation, what_tells_nothing_apart_ranks_nothing) {
  EXPECT_EQ(spearman({1, 1, 1}, {1, 2, 3}), 0);
  EXPECT_EQ(kendall_tau({1, 1, 1}, {1, 2, 3}), 0);
  EXPECT_EQ(pearson({0.1, 0.1, 0.1}, {1, 2, 3}), 0);
}

TEST(Correlation, pairs_that_make_no_sense_are_refused) {
  EXPECT_THROW(spearman({1, 2}, {1}), Error);
  EXPECT_THROW(spearman({1}, {1}), Error);
  EXPECT_THROW(kendall_tau({1, std::numeric_limits<double>::quiet_NaN()}, {1, 2}), Error);
  EXPECT_THROW(pearson({1, std::numeric_limits<double>::infinity()}, {1, 2}), Error);
  EXPECT_THROW(spearman_inside_quartiles({1, 2}, {1, 2}, {1, 2}), Error);
}

// What follows size alone is worth as much as it orders networks of about one size.
TEST(Correlation, inside_quartiles_size_alone_earns_nothing) {
  Values size, accuracy, by_quartile, inside;
  for (int i = 0; i < 16; ++i) {
    size.push_back(i);
    // Each quartile falls, the quartiles rise.
    accuracy.push_back(i / 4 * 100 - i % 4);
    by_quartile.push_back(i / 4);
    inside.push_back(-i % 4);
  }
  EXPECT_GT(spearman(by_quartile, accuracy), 0.9);
  EXPECT_EQ(spearman_inside_quartiles(by_quartile, accuracy, size), 0);
  EXPECT_NEAR(spearman_inside_quartiles(inside, accuracy, size), 1, 1e-15);
  EXPECT_NEAR(spearman_inside_quartiles(size, accuracy, size), -1, 1e-15);
}

TEST(Correlation, quartiles_do_not_depend_on_the_order_of_rows) {
  Random random(3);
  Values a, b, size;
  for (int i = 0; i < 50; ++i) {
    a.push_back(static_cast<double>(random.below(10)));
    b.push_back(random.unit());
    size.push_back(static_cast<double>(random.below(12)));
  }
  const double before = spearman_inside_quartiles(a, b, size);
  std::vector<std::size_t> order(a.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  random.shuffle(order);
  Values a2, b2, size2;
  for (const std::size_t i : order) {
    a2.push_back(a[i]);
    b2.push_back(b[i]);
    size2.push_back(size[i]);
  }
  EXPECT_NEAR(spearman_inside_quartiles(a2, b2, size2), before, 1e-14);
}

}  // namespace
}  // namespace lanewise::accuracy
