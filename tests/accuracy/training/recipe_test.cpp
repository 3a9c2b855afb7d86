// SPDX-License-Identifier: Apache-2.0
// Recipes by name and by file, and what is refused.
#include "accuracy/training/recipe.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

std::map<std::string, std::string> values_of(const Recipe& recipe) {
  const auto values = recipe_values(recipe);
  return {values.begin(), values.end()};
}

std::string refusal(const std::string& text) {
  try {
    parse_recipe("own.yaml", text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Recipe, fm28_is_what_its_tables_were_measured_with) {
  const auto values = values_of(load_recipe("fm28"));
  const std::map<std::string, std::string> expected = {
      {"epochs", "8"},        {"batch", "512"},         {"drop_last", "yes"},       {"validation", "0"},
      {"patience", "0"},      {"optimizer", "sgd"},     {"learning_rate", "0.5"},   {"warm_up", "0.2"},
      {"momentum", "0.9"},    {"weight_decay", "0.0005"}, {"label_smoothing", "0"}, {"clip", "0"},
      {"moving_average", "0"}, {"mean", "0.286"},       {"deviation", "0.353"},     {"augment", "pad-crop=2,flip=0.5"},
      {"precision", "auto"},  {"second_momentum", "0.999"}};
  EXPECT_EQ(values, expected);
  EXPECT_EQ(values_of(load_recipe("fm28-dense")).at("learning_rate"), "0.2");
}

TEST(Recipe, every_key_reads_back_as_it_is_written) {
  for (const RecipeKind& kind : recipe_kinds()) {
    const Recipe recipe = kind.make();
    EXPECT_EQ(recipe.name, kind.name);
    Recipe again;
    for (const auto& [key, value] : recipe_values(recipe)) set_recipe_key(again, key, value);
    EXPECT_EQ(recipe_values(again), recipe_values(recipe)) << kind.name;
  }
  EXPECT_EQ(recipe_keys().size(), recipe_values(Recipe()).size());
}

TEST(Recipe, a_file_changes_a_named_one) {
  const Recipe recipe = parse_recipe(
      "own.yaml", "recipe: fm28\nepochs: 3\naugment: [pad-crop=4, brightness=0.2]\nmean: [0.4, 0.5, 0.6]\noptimizer: adamw\n");
  EXPECT_EQ(recipe.name, "own");
  EXPECT_EQ(recipe.epochs, 3);
  EXPECT_EQ(recipe.batch, 512);
  EXPECT_EQ(recipe.augment, (std::vector<std::string>{"pad-crop=4", "brightness=0.2"}));
  EXPECT_EQ(recipe.mean, (std::vector<double>{0.4, 0.5, 0.6}));
  EXPECT_EQ(recipe.optimizer, Recipe::Optimizer::kAdamW);
}

TEST(Recipe, settings_change_keys_and_lists_have_commas) {
  Recipe recipe;
  set_recipe_keys(recipe, {"augment=flip=0.3,erase=0.1", "drop_last=no", "mean=auto"});
  EXPECT_EQ(recipe.augment, (std::vector<std::string>{"flip=0.3", "erase=0.1"}));
  EXPECT_FALSE(recipe.drop_last);
  set_recipe_keys(recipe, {"augment=none"});
  EXPECT_TRUE(recipe.augment.empty());
}

TEST(Recipe, mistakes_name_file_line_key_value_and_rule) {
  EXPECT_EQ(refusal("epochs: 3\nlearning_rat: 0.1\n"),
            "own.yaml:2: key 'learning_rat': unknown key (did you mean 'learning_rate'?)");
  EXPECT_EQ(refusal("epochs: 0\n"), "own.yaml:1: key 'epochs': '0' must be a whole number from 1 to 1000000");
  EXPECT_EQ(refusal("warm_up: 1\n"), "own.yaml:1: key 'warm_up': '1' must be a number from 0 to below 1");
  EXPECT_NE(refusal("recipe: fm29\n").find("must be one of default, fm28"), std::string::npos);
  EXPECT_NE(refusal("augment: [turn=1]\n").find("no operation 'turn'"), std::string::npos);
  EXPECT_NE(refusal("epochs: [1, 2]\n").find("must be one value"), std::string::npos);
  EXPECT_NE(refusal("drop_last: maybe\n").find("yes, no"), std::string::npos);
  Recipe recipe;
  EXPECT_THROW(set_recipe_keys(recipe, {"epochs"}), Error);
  EXPECT_THROW(set_recipe_keys(recipe, {"epoch=3"}), Error);
  EXPECT_THROW(set_recipe_keys(recipe, {"learning_rate=nan"}), Error);
  EXPECT_THROW(set_recipe_keys(recipe, {"deviation=0"}), Error);
  EXPECT_THROW(load_recipe("no-such-recipe"), Error);
}

}  // namespace
}  // namespace lanewise::accuracy
