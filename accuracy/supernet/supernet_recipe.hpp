// SPDX-License-Identifier: Apache-2.0
// How a supernet is trained: every choice by a key. No type of libtorch is seen here.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "accuracy/supernet/supernet_space.hpp"
#include "accuracy/training/recipe.hpp"

namespace lanewise::accuracy {

// docs/supernet.md explains every key. What is 0 where a key says so is off.
struct SupernetRecipe {
  std::int64_t steps = 2000;   // changes of weights
  std::int64_t random = 2;     // networks of a step that are drawn
  double sandwich = 1;         // share of the steps that train the largest and the smallest network as well
  double distill = 1;          // weight of what the largest network says in the loss of the others of its step
  double shrink_depth = 0.05;  // share of the steps after which depth may be smaller than the largest, and so on
  double shrink_expansion = 0.1, shrink_kernel = 0.15, shrink_width = 0.2;
  std::int64_t most_macs = 0;        // of a network that is trained; 0: no bound
  std::int64_t most_parameters = 0;  // the same
  ApartGenes apart;
  std::int64_t checkpoint = 200;  // steps between checkpoints
  Recipe training;                // of which these are used: supernet_recipe_keys()
  SupernetRecipe();
};

std::vector<RecipeKey> supernet_recipe_keys();
// "default", or the YAML file at that path. Throws Error naming file, line, key, value and rule.
SupernetRecipe load_supernet_recipe(const std::string& name_or_path);
SupernetRecipe parse_supernet_recipe(const std::string& path, const std::string& text);
// Throws Error naming key, value and rule.
void set_supernet_key(SupernetRecipe& recipe, const std::string& key, const std::string& value);
void set_supernet_keys(SupernetRecipe& recipe, const std::vector<std::string>& settings);  // "KEY=VALUE" each
// Every key with its value as text, in the order of supernet_recipe_keys(). Read back by set_supernet_key.
std::vector<std::pair<std::string, std::string>> supernet_recipe_values(const SupernetRecipe& recipe);

}  // namespace lanewise::accuracy
