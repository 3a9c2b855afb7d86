// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/schedule.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::accuracy {

std::int64_t steps_per_epoch(const Recipe& recipe, std::int64_t images) {
  const std::int64_t whole = images / recipe.batch;
  const std::int64_t steps = recipe.drop_last ? whole : (images + recipe.batch - 1) / recipe.batch;
  if (steps > 0) return steps;
  throw Error(fmt::format("{} training images make no batch of {}: set batch to at most {}, or drop_last=no", images,
                          recipe.batch, images));
}

double learning_rate_at(const Recipe& recipe, std::int64_t t, std::int64_t steps) {
  constexpr double kPi = 3.14159265358979323846;
  const std::int64_t warm_up = std::llround(recipe.warm_up * static_cast<double>(steps));
  if (t < warm_up) return recipe.learning_rate * static_cast<double>(t + 1) / static_cast<double>(warm_up);
  const double share = static_cast<double>(t - warm_up + 1) / static_cast<double>(steps - warm_up);
  return recipe.learning_rate * 0.5 * (1 + std::cos(kPi * share));
}

}  // namespace lanewise::accuracy
