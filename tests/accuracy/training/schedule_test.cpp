// SPDX-License-Identifier: Apache-2.0
// The learning rate of every step, held against its formula worked out by hand.
#include "accuracy/training/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

Recipe recipe_of(double warm_up, double learning_rate) {
  Recipe recipe;
  recipe.warm_up = warm_up;
  recipe.learning_rate = learning_rate;
  return recipe;
}

TEST(Schedule, it_rises_linearly_and_then_falls_by_half_a_cosine) {
  const Recipe recipe = recipe_of(0.2, 0.5);
  // 10 steps, 2 of them warm-up.
  EXPECT_DOUBLE_EQ(learning_rate_at(recipe, 0, 10), 0.25);
  EXPECT_DOUBLE_EQ(learning_rate_at(recipe, 1, 10), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate_at(recipe, 5, 10), 0.25);  // half of the way down
  EXPECT_NEAR(learning_rate_at(recipe, 2, 10), 0.25 * (1 + std::cos(M_PI / 8)), 1e-15);
  EXPECT_NEAR(learning_rate_at(recipe, 9, 10), 0, 1e-15);
}

TEST(Schedule, fm28_has_936_steps_of_which_187_rise) {
  const Recipe recipe = load_recipe("fm28");
  const std::int64_t steps = recipe.epochs * steps_per_epoch(recipe, 60000);
  EXPECT_EQ(steps, 936);
  EXPECT_DOUBLE_EQ(learning_rate_at(recipe, 186, steps), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate_at(recipe, 0, steps), 0.5 / 187);
  EXPECT_LT(learning_rate_at(recipe, 187, steps), 0.5);
  for (std::int64_t t = 188; t < steps; ++t) {
    EXPECT_LT(learning_rate_at(recipe, t, steps), learning_rate_at(recipe, t - 1, steps));
  }
}

TEST(Schedule, without_warm_up_it_only_falls) {
  const Recipe recipe = recipe_of(0, 1);
  EXPECT_NEAR(learning_rate_at(recipe, 0, 4), 0.5 * (1 + std::cos(M_PI / 4)), 1e-15);
}

TEST(Schedule, incomplete_batches_are_dropped_or_kept_as_the_recipe_says) {
  Recipe recipe;
  recipe.batch = 512;
  EXPECT_EQ(steps_per_epoch(recipe, 60000), 117);  // 96 images are left
  recipe.drop_last = false;
  EXPECT_EQ(steps_per_epoch(recipe, 60000), 118);
  EXPECT_EQ(steps_per_epoch(recipe, 3), 1);
  recipe.drop_last = true;
  EXPECT_THROW(steps_per_epoch(recipe, 511), Error);
}

}  // namespace
}  // namespace lanewise::accuracy
