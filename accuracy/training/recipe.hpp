// SPDX-License-Identifier: Apache-2.0
// How a network is trained: every choice by a key, and named sets of them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lanewise::accuracy {

// docs/training.md explains every key. What is 0 where a key says so is off.
struct Recipe {
  enum class Optimizer { kSgd, kAdamW };
  enum class Precision { kAuto, kFp32, kBf16 };  // auto: bf16 where the device is a GPU

  std::string name = "default";
  std::int64_t epochs = 30;
  std::int64_t batch = 64;
  bool drop_last = true;      // the last images of an epoch's order, too few for a batch, are left out of it
  double validation = 0.1;    // share of the training images that is kept apart to choose by; 0: none
  std::int64_t patience = 0;  // epochs without a better validation metric after which training ends; 0: never
  Optimizer optimizer = Optimizer::kSgd;
  double learning_rate = 0.05;          // the highest
  double warm_up = 0.1;                 // share of the steps
  double momentum = 0.9;                // of SGD, Nesterov's; the first of AdamW's two decays
  double second_momentum = 0.999;       // the second of AdamW's
  double weight_decay = 5e-4;           // of the weights of convolutions and linear layers, and of no others
  double label_smoothing = 0;           // share of the target that is spread over all classes; 0: none
  double clip = 0;                      // the largest Euclidean norm of all gradients together; 0: no bound
  double moving_average = 0.998;        // decay per step of the moving average of weights; 0: none
  std::vector<double> mean, deviation;  // of a pixel / 255, by channel or one for all; empty: the data set's
  std::vector<std::string> augment = {"pad-crop=0.1", "flip=0.5"};  // augmentation.hpp, in this order
  Precision precision = Precision::kAuto;
  bool nearest_cell = true;       // of detectors without anchors: an object that no cell stands for gets the nearest
  std::int64_t candidates = 1000; // of detectors: pairs of position and class before suppression
  std::int64_t detections = 100;  // of detectors: objects of an image after it
};

// The named recipes, each with what it is for, the default first.
struct RecipeKind {
  const char* name;
  const char* help;
  Recipe (*make)();
};
const std::vector<RecipeKind>& recipe_kinds();

// A key as a file or --set gives it.
struct RecipeKey {
  const char* name;
  const char* help;  // one line: meaning, unit, range
};
std::vector<RecipeKey> recipe_keys();

// The recipe of that name, or of the YAML file at that path, whose key `recipe` names the one that it changes. Throws
// Error naming file, line, key, value and rule.
Recipe load_recipe(const std::string& name_or_path);
// The same of a text that stands for the file at `path`.
Recipe parse_recipe(const std::string& path, const std::string& text);
// Sets a key; lists have their values joined by commas. Throws Error naming key, value and rule.
void set_recipe_key(Recipe& recipe, const std::string& key, const std::string& value);
// "KEY=VALUE" apart. Throws Error where there is no "=".
void set_recipe_keys(Recipe& recipe, const std::vector<std::string>& settings);

// Every key with its value as text, in the order of recipe_keys(): what makes two recipes the same.
std::vector<std::pair<std::string, std::string>> recipe_values(const Recipe& recipe);

}  // namespace lanewise::accuracy
