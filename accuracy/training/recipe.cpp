// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/recipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "accuracy/training/augmentation.hpp"
#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "core/engine/raw_config.hpp"
#include "core/engine/suggestion.hpp"

namespace lanewise::accuracy {
namespace {

using Texts = std::vector<std::string>;

// One row of the table of keys: how its value is read, which throws Error with the rule alone, and written.
struct Key {
  const char* name;
  const char* help;
  void (*set)(Recipe& recipe, const Texts& values);
  std::string (*text)(const Recipe& recipe);
};

double number(const std::string& text, double low, double high, bool high_included = true) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = status == std::errc() && end == text.data() + text.size();
  if (read && value >= low && (high_included ? value <= high : value < high)) return value;
  throw Error(fmt::format("must be a number from {} {} {}", low, high_included ? "to" : "to below", high));
}

std::int64_t whole(const std::string& text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc() && end == text.data() + text.size() && value >= low && value <= high) return value;
  throw Error(fmt::format("must be a whole number from {} to {}", low, high));
}

const std::string& one(const Texts& values) {
  if (values.size() == 1) return values.front();
  throw Error("must be one value");
}

template <class Value>
Value choice(const std::string& text, const std::vector<std::pair<const char*, Value>>& choices) {
  std::string names;
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  throw Error("must be one of " + names);
}

const std::vector<std::pair<const char*, bool>> kSwitch = {
    {"yes", true}, {"no", false}, {"true", true}, {"false", false}};
const std::vector<std::pair<const char*, Recipe::Optimizer>> kOptimizers = {{"sgd", Recipe::Optimizer::kSgd},
                                                                            {"adamw", Recipe::Optimizer::kAdamW}};
const std::vector<std::pair<const char*, Recipe::Precision>> kPrecisions = {
    {"auto", Recipe::Precision::kAuto}, {"fp32", Recipe::Precision::kFp32}, {"bf16", Recipe::Precision::kBf16}};

template <class Value>
std::string name_of(Value value, const std::vector<std::pair<const char*, Value>>& choices) {
  return std::find_if(choices.begin(), choices.end(), [&](const auto& each) { return each.second == value; })->first;
}

// "auto", or a number per channel, or one for all.
std::vector<double> by_channel(const Texts& values, double low, double high) {
  if (values == Texts{"auto"}) return {};
  std::vector<double> numbers;
  for (const std::string& value : values) numbers.push_back(number(value, low, high));
  return numbers;
}

std::string joined(const Texts& texts, const char* none) {
  return texts.empty() ? none : fmt::format("{}", fmt::join(texts, ","));
}

std::string numbers_text(const std::vector<double>& numbers) {
  Texts texts;
  for (const double each : numbers) texts.push_back(number_text(each));
  return joined(texts, "auto");
}

Texts operations(const Texts& values) {
  if (values == Texts{"none"}) return {};
  for (const std::string& value : values) parse_augmentation(value);
  return values;
}

constexpr std::int64_t kMost = 1'000'000;

const std::vector<Key>& keys() {
  static const std::vector<Key> all = {
      {"epochs", "times that every training image is seen, 1 to 1000000",
       [](Recipe& recipe, const Texts& values) { recipe.epochs = whole(one(values), 1, kMost); },
       [](const Recipe& recipe) { return std::to_string(recipe.epochs); }},
      {"batch", "images per step, 1 to 1000000",
       [](Recipe& recipe, const Texts& values) { recipe.batch = whole(one(values), 1, kMost); },
       [](const Recipe& recipe) { return std::to_string(recipe.batch); }},
      {"drop_last", "yes or no: whether the last images of an epoch, too few for a batch, are left out of it",
       [](Recipe& recipe, const Texts& values) { recipe.drop_last = choice(one(values), kSwitch); },
       [](const Recipe& recipe) { return std::string(recipe.drop_last ? "yes" : "no"); }},
      {"validation", "share of the training images kept apart to choose by, 0 to 0.9; 0: none",
       [](Recipe& recipe, const Texts& values) { recipe.validation = number(one(values), 0, 0.9); },
       [](const Recipe& recipe) { return number_text(recipe.validation); }},
      {"patience", "epochs without a better validation metric after which training ends, 0 to 1000000; 0: never",
       [](Recipe& recipe, const Texts& values) { recipe.patience = whole(one(values), 0, kMost); },
       [](const Recipe& recipe) { return std::to_string(recipe.patience); }},
      {"optimizer", "sgd (with Nesterov momentum) or adamw",
       [](Recipe& recipe, const Texts& values) { recipe.optimizer = choice(one(values), kOptimizers); },
       [](const Recipe& recipe) { return name_of(recipe.optimizer, kOptimizers); }},
      {"learning_rate", "the highest, 0 to 1000",
       [](Recipe& recipe, const Texts& values) { recipe.learning_rate = number(one(values), 0, 1000); },
       [](const Recipe& recipe) { return number_text(recipe.learning_rate); }},
      {"warm_up", "share of the steps over which the learning rate rises, 0 to below 1",
       [](Recipe& recipe, const Texts& values) { recipe.warm_up = number(one(values), 0, 1, false); },
       [](const Recipe& recipe) { return number_text(recipe.warm_up); }},
      {"momentum", "of sgd; of adamw the decay of the gradients' mean; 0 to below 1",
       [](Recipe& recipe, const Texts& values) { recipe.momentum = number(one(values), 0, 1, false); },
       [](const Recipe& recipe) { return number_text(recipe.momentum); }},
      {"second_momentum", "of adamw the decay of the squared gradients' mean, 0 to below 1",
       [](Recipe& recipe, const Texts& values) { recipe.second_momentum = number(one(values), 0, 1, false); },
       [](const Recipe& recipe) { return number_text(recipe.second_momentum); }},
      {"weight_decay", "of the weights of convolutions and linear layers, and of no others, 0 to 10",
       [](Recipe& recipe, const Texts& values) { recipe.weight_decay = number(one(values), 0, 10); },
       [](const Recipe& recipe) { return number_text(recipe.weight_decay); }},
      {"label_smoothing", "share of the target that is spread over all classes, 0 to below 1; 0: none",
       [](Recipe& recipe, const Texts& values) { recipe.label_smoothing = number(one(values), 0, 1, false); },
       [](const Recipe& recipe) { return number_text(recipe.label_smoothing); }},
      {"clip", "the largest Euclidean norm of all gradients together, 0 to 1000000; 0: no bound",
       [](Recipe& recipe, const Texts& values) { recipe.clip = number(one(values), 0, 1e6); },
       [](const Recipe& recipe) { return number_text(recipe.clip); }},
      {"moving_average", "decay per step of the moving average of weights, 0 to below 1; 0: none",
       [](Recipe& recipe, const Texts& values) { recipe.moving_average = number(one(values), 0, 1, false); },
       [](const Recipe& recipe) { return number_text(recipe.moving_average); }},
      {"mean", "of pixel/255, by channel or one for all, -10 to 10; auto: the data set's",
       [](Recipe& recipe, const Texts& values) { recipe.mean = by_channel(values, -10, 10); },
       [](const Recipe& recipe) { return numbers_text(recipe.mean); }},
      {"deviation", "of pixel/255, by channel or one for all, 0.000001 to 1000; auto: the data set's",
       [](Recipe& recipe, const Texts& values) { recipe.deviation = by_channel(values, 1e-6, 1000); },
       [](const Recipe& recipe) { return numbers_text(recipe.deviation); }},
      {"augment", "operations in this order, or none",
       [](Recipe& recipe, const Texts& values) { recipe.augment = operations(values); },
       [](const Recipe& recipe) { return joined(recipe.augment, "none"); }},
      {"precision", "auto, fp32 or bf16 (mixed); auto: bf16 on a GPU, else fp32",
       [](Recipe& recipe, const Texts& values) { recipe.precision = choice(one(values), kPrecisions); },
       [](const Recipe& recipe) { return name_of(recipe.precision, kPrecisions); }},
      {"nearest_cell",
       "yes or no: of detectors without anchors, whether an object that no cell stands for gets the nearest one",
       [](Recipe& recipe, const Texts& values) { recipe.nearest_cell = choice(one(values), kSwitch); },
       [](const Recipe& recipe) { return std::string(recipe.nearest_cell ? "yes" : "no"); }},
      {"candidates", "of detectors: pairs of position and class that suppression chooses from, 1 to 1000000",
       [](Recipe& recipe, const Texts& values) { recipe.candidates = whole(one(values), 1, kMost); },
       [](const Recipe& recipe) { return std::to_string(recipe.candidates); }},
      {"detections", "of detectors: the most objects found in an image, 1 to 1000000",
       [](Recipe& recipe, const Texts& values) { recipe.detections = whole(one(values), 1, kMost); },
       [](const Recipe& recipe) { return std::to_string(recipe.detections); }},
  };
  return all;
}

Recipe fm28() {
  Recipe recipe;
  recipe.name = "fm28";
  recipe.epochs = 8;
  recipe.batch = 512;
  recipe.validation = 0;
  recipe.learning_rate = 0.5;
  recipe.warm_up = 0.2;
  recipe.moving_average = 0;
  recipe.mean = {0.2860};
  recipe.deviation = {0.3530};
  recipe.augment = {"pad-crop=2", "flip=0.5"};
  return recipe;
}

Recipe fm28_dense() {
  Recipe recipe = fm28();
  recipe.name = "fm28-dense";
  recipe.epochs = 12;
  recipe.batch = 128;
  recipe.learning_rate = 0.2;
  recipe.mean = {0.25};
  recipe.deviation = {0.25};
  recipe.augment = {};
  recipe.nearest_cell = false;
  recipe.candidates = 64;
  recipe.detections = 20;
  return recipe;
}

const Key* find_key(const std::string& name) {
  for (const Key& key : keys()) {
    if (name == key.name) return &key;
  }
  return nullptr;
}

Texts key_names() {
  Texts names;
  for (const Key& key : keys()) names.emplace_back(key.name);
  return names;
}

const RecipeKind* find_recipe(const std::string& name) {
  for (const RecipeKind& kind : recipe_kinds()) {
    if (name == kind.name) return &kind;
  }
  return nullptr;
}

std::string recipe_names() {
  Texts names;
  for (const RecipeKind& kind : recipe_kinds()) names.emplace_back(kind.name);
  return joined(names, "");
}

Texts split(const std::string& text) {
  Texts parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else if (c != ' ' || !parts.back().empty()) {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

const std::vector<RecipeKind>& recipe_kinds() {
  static const std::vector<RecipeKind> all = {
      {"default", "a person's own images: a tenth kept apart to choose by, moving average of weights",
       [] { return Recipe(); }},
      {"fm28", "small classifiers of Fashion-MNIST as the tables of FM28 were measured", fm28},
      {"fm28-dense", "detectors and segmenters of FM28's scenes as its tables were measured", fm28_dense},
  };
  return all;
}

std::vector<RecipeKey> recipe_keys() {
  std::vector<RecipeKey> all;
  for (const Key& key : keys()) all.push_back({key.name, key.help});
  return all;
}

void set_recipe_key(Recipe& recipe, const std::string& name, const std::string& value) {
  const Key* key = find_key(name);
  if (key == nullptr) {
    throw Error(fmt::format("recipe key '{}': unknown key{}", name, engine::suggestion(name, key_names())));
  }
  try {
    key->set(recipe, split(value));
  } catch (const Error& error) {
    throw Error(fmt::format("recipe key '{}': '{}' {}", name, value, error.what()));
  }
}

void set_recipe_keys(Recipe& recipe, const std::vector<std::string>& settings) {
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) throw Error(fmt::format("'{}' is no setting: KEY=VALUE is needed", setting));
    set_recipe_key(recipe, setting.substr(0, equals), setting.substr(equals + 1));
  }
}

Recipe parse_recipe(const std::string& path, const std::string& text) {
  const engine::RawConfig raw = engine::parse_raw_config(path, text);
  Recipe recipe;
  if (const engine::RawEntry* base = raw.find("recipe")) {
    const std::string& name = engine::single_value(raw, *base);
    const RecipeKind* kind = find_recipe(name);
    if (kind == nullptr) engine::refuse(raw, *base, name, "must be one of " + recipe_names());
    recipe = kind->make();
  }
  recipe.name = std::filesystem::path(path).stem().string();
  Texts known = key_names();
  known.emplace_back("recipe");
  for (const engine::RawEntry& entry : raw.entries) {
    if (entry.key == "recipe") continue;
    const Key* key = find_key(entry.key);
    if (key == nullptr) engine::refuse_unknown_key(raw, entry, known);
    try {
      key->set(recipe, entry.is_list ? entry.values : split(engine::single_value(raw, entry)));
    } catch (const Error& error) {
      engine::refuse(raw, entry, joined(entry.values, ""), error.what());
    }
  }
  return recipe;
}

Recipe load_recipe(const std::string& name_or_path) {
  if (const RecipeKind* kind = find_recipe(name_or_path)) return kind->make();
  std::error_code none;
  if (!std::filesystem::exists(name_or_path, none)) {
    throw Error(fmt::format("no recipe '{}': neither a file nor one of {}", name_or_path, recipe_names()));
  }
  return parse_recipe(name_or_path, engine::read_config_text(name_or_path));
}

std::vector<std::pair<std::string, std::string>> recipe_values(const Recipe& recipe) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const Key& key : keys()) values.emplace_back(key.name, key.text(recipe));
  return values;
}

}  // namespace lanewise::accuracy
