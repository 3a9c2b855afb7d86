// SPDX-License-Identifier: Apache-2.0
// Recipes of trainings: what is taken reads back from its own values.
#include "accuracy/training/recipe.hpp"
#include "accuracy/training/schedule.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_recipe(const std::string& path, const std::string&) {
  const accuracy::Recipe recipe = accuracy::load_recipe(path);
  accuracy::Recipe again;
  for (const auto& [key, value] : accuracy::recipe_values(recipe)) accuracy::set_recipe_key(again, key, value);
  if (accuracy::recipe_values(again) != accuracy::recipe_values(recipe)) throw Nonsense("a recipe reads back otherwise");
  constexpr std::int64_t kSteps = 100;
  for (std::int64_t t = 0; t < kSteps; ++t) {
    require_sane("a learning rate", accuracy::learning_rate_at(recipe, t, kSteps) + 1e-9, recipe.learning_rate + 1e-6);
  }
}

}  // namespace lanewise::fuzz
