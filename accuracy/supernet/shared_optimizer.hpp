// SPDX-License-Identifier: Apache-2.0
// Shared weights changed along the gradients of the networks of a step.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "accuracy/supernet/shared_weights.hpp"
#include "accuracy/training/recipe.hpp"

namespace lanewise::accuracy {

// SGD with Nesterov's momentum or AdamW, as Optimizer, on those parts of the shared tensors that a network of the step
// has. What no network has stays as it is, and so do its momenta. AdamW's step count is each number's own: how often it
// was changed.
class SharedOptimizer {
 public:
  SharedOptimizer(SharedWeights& weights, const Recipe& recipe) : weights_(weights), recipe_(recipe) {}
  // Takes the gradients of a network that backward() has run through.
  void collect(const SharedNetwork& network);
  // Changes the weights along the mean of what was collected over `networks` of them, and forgets it.
  void step(double rate, std::int64_t networks);
  // What it keeps beside the weights, by "KIND PLACE", shaped as the shared tensor: a checkpoint's part.
  const std::map<std::string, torch::Tensor>& state() const { return state_; }
  // Takes one of these back; other names are passed over. False where its shape is not the place's. Throws Error where
  // the space has no such place.
  bool load(const std::string& name, const torch::Tensor& values);

 private:
  struct Pending {
    torch::Tensor gradient;  // of the part that any network has
    bool is_decayed = false;
  };
  torch::Tensor& kept(const std::string& what, const std::string& place, const torch::Tensor& whole);
  void step_sgd(const std::string& place, const torch::Tensor& whole, torch::Tensor weight, const Pending& pending,
                double rate);
  void step_adamw(const std::string& place, const torch::Tensor& whole, torch::Tensor weight, const Pending& pending,
                  double rate);

  SharedWeights& weights_;
  const Recipe& recipe_;
  std::map<std::string, Pending> pending_;
  std::map<std::string, torch::Tensor> state_;
};

}  // namespace lanewise::accuracy
