// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/supernet_recipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "core/engine/raw_config.hpp"
#include "core/engine/suggestion.hpp"

namespace lanewise::accuracy {
namespace {

constexpr std::int64_t kMost = 1'000'000'000'000;

// A key of its own: a whole number, a share or a list of genes.
struct Key {
  const char* name;
  const char* help;
  std::int64_t SupernetRecipe::*whole;
  std::int64_t low, high;
  double SupernetRecipe::*share;
  std::vector<std::string> ApartGenes::*genes;
};

Key whole(const char* name, const char* help, std::int64_t SupernetRecipe::*member, std::int64_t low,
          std::int64_t high) {
  return {name, help, member, low, high, nullptr, nullptr};
}
Key share(const char* name, const char* help, double SupernetRecipe::*member) {
  return {name, help, nullptr, 0, 0, member, nullptr};
}
Key genes(const char* name, const char* help, std::vector<std::string> ApartGenes::*member) {
  return {name, help, nullptr, 0, 0, nullptr, member};
}

const std::vector<Key>& keys() {
  using R = SupernetRecipe;
  static const std::vector<Key> all = {
      whole("steps", "changes of weights, 1 to 100000000", &R::steps, 1, 100'000'000),
      whole("random", "networks of a step that are drawn, 0 to 100", &R::random, 0, 100),
      share("sandwich", "share of the steps that train the largest and the smallest network too, 0 to 1", &R::sandwich),
      share("distill", "weight of the largest network's answers in the loss of the others, 0 to 1", &R::distill),
      share("shrink_depth", "share of the steps after which depth may shrink, 0 to 1", &R::shrink_depth),
      share("shrink_expansion", "the same of expansions, 0 to 1", &R::shrink_expansion),
      share("shrink_kernel", "the same of kernels, 0 to 1", &R::shrink_kernel),
      share("shrink_width", "the same of channels, 0 to 1", &R::shrink_width),
      whole("most_macs", "multiply-accumulates of a network that is trained, 0 to 10^12; 0: no bound", &R::most_macs, 0,
            kMost),
      whole("most_parameters", "parameters of a network that is trained, 0 to 10^12; 0: no bound", &R::most_parameters,
            0, kMost),
      genes("apart", "genes whose values have weights of their own, or none", &ApartGenes::weights),
      genes("apart_normalizations", "genes whose values have normalizations of their own, or none",
            &ApartGenes::normalizations),
      whole("checkpoint", "steps between checkpoints, 1 to 1000000", &R::checkpoint, 1, 1'000'000),
  };
  return all;
}

// Keys of training that mean the same here.
constexpr const char* kShared[] = {"batch",   "validation", "optimizer",       "learning_rate",
                                   "warm_up", "momentum",   "second_momentum", "weight_decay",
                                   "clip",    "mean",       "deviation",       "augment"};

const Key* find_key(const std::string& name) {
  for (const Key& key : keys()) {
    if (name == key.name) return &key;
  }
  return nullptr;
}

bool is_shared(const std::string& name) {
  return std::any_of(std::begin(kShared), std::end(kShared), [&](const char* each) { return name == each; });
}

std::vector<std::string> key_names() {
  std::vector<std::string> names;
  for (const RecipeKey& key : supernet_recipe_keys()) names.emplace_back(key.name);
  return names;
}

template <class Number>
bool read(const std::string& text, Number low, Number high, Number& value) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() && end == text.data() + text.size() && value >= low && value <= high;
}

// Throws Error with the rule alone.
void set(SupernetRecipe& recipe, const Key& key, const std::string& value) {
  if (key.whole != nullptr) {
    std::int64_t number = 0;
    if (!read(value, key.low, key.high, number)) {
      throw Error(fmt::format("must be a whole number from {} to {}", key.low, key.high));
    }
    recipe.*key.whole = number;
  } else if (key.share != nullptr) {
    double number = 0;
    if (!read(value, 0.0, 1.0, number)) throw Error("must be a number from 0 to 1");
    recipe.*key.share = number;
  } else {
    std::vector<std::string> names;
    std::string name;
    for (const char c : value + ",") {
      if (c != ',') {
        if (c != ' ') name += c;
        continue;
      }
      if (name.empty()) throw Error("must be names of genes with commas between, or none");
      names.push_back(std::move(name));
      name.clear();
    }
    recipe.apart.*key.genes = names == std::vector<std::string>{"none"} ? std::vector<std::string>{} : names;
  }
}

std::string text_of(const SupernetRecipe& recipe, const Key& key) {
  if (key.whole != nullptr) return std::to_string(recipe.*key.whole);
  if (key.share != nullptr) return number_text(recipe.*key.share);
  const auto& names = recipe.apart.*key.genes;
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ","));
}

void require_networks(const SupernetRecipe& recipe) {
  if (recipe.random == 0 && recipe.sandwich == 0) {
    throw Error("recipe keys 'random' and 'sandwich': are both 0, so that no network is trained");
  }
}

}  // namespace

SupernetRecipe::SupernetRecipe() {
  training.name = "default";
  training.moving_average = 0;
  training.learning_rate = 0.1;
  training.clip = 5;
}

std::vector<RecipeKey> supernet_recipe_keys() {
  std::vector<RecipeKey> all;
  for (const Key& key : keys()) all.push_back({key.name, key.help});
  for (const RecipeKey& key : recipe_keys()) {
    if (is_shared(key.name)) all.push_back(key);
  }
  return all;
}

void set_supernet_key(SupernetRecipe& recipe, const std::string& name, const std::string& value) {
  if (is_shared(name)) return set_recipe_key(recipe.training, name, value);
  const Key* const key = find_key(name);
  if (key == nullptr) {
    throw Error(fmt::format("recipe key '{}': unknown key{}", name, engine::suggestion(name, key_names())));
  }
  try {
    set(recipe, *key, value);
  } catch (const Error& error) {
    throw Error(fmt::format("recipe key '{}': '{}' {}", name, value, error.what()));
  }
}

void set_supernet_keys(SupernetRecipe& recipe, const std::vector<std::string>& settings) {
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) throw Error(fmt::format("'{}' is no setting: KEY=VALUE is needed", setting));
    set_supernet_key(recipe, setting.substr(0, equals), setting.substr(equals + 1));
  }
  require_networks(recipe);
}

SupernetRecipe parse_supernet_recipe(const std::string& path, const std::string& text) {
  const engine::RawConfig raw = engine::parse_raw_config(path, text);
  SupernetRecipe recipe;
  for (const engine::RawEntry& entry : raw.entries) {
    const std::string value =
        entry.is_list ? fmt::format("{}", fmt::join(entry.values, ",")) : engine::single_value(raw, entry);
    const Key* const key = find_key(entry.key);
    if (key == nullptr && !is_shared(entry.key)) engine::refuse_unknown_key(raw, entry, key_names());
    try {
      if (key != nullptr) {
        set(recipe, *key, value);
      } else {
        set_recipe_key(recipe.training, entry.key, value);
      }
    } catch (const Error& error) {
      if (key == nullptr) throw Error(fmt::format("{}:{}: {}", path, entry.line, error.what()));
      engine::refuse(raw, entry, value, error.what());
    }
  }
  require_networks(recipe);
  return recipe;
}

SupernetRecipe load_supernet_recipe(const std::string& name_or_path) {
  if (name_or_path == "default") return {};
  return parse_supernet_recipe(name_or_path, engine::read_config_text(name_or_path));
}

std::vector<std::pair<std::string, std::string>> supernet_recipe_values(const SupernetRecipe& recipe) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const Key& key : keys()) values.emplace_back(key.name, text_of(recipe, key));
  for (const auto& [key, value] : recipe_values(recipe.training)) {
    if (is_shared(key)) values.emplace_back(key, value);
  }
  return values;
}

}  // namespace lanewise::accuracy
