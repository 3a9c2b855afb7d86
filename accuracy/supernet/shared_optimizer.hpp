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

// SGD with Nesterov's momentum, as Optimizer, on those parts of the shared tensors that a network of the step has. What
// no network has stays as it is, and so does its momentum.
class SharedOptimizer {
 public:
  SharedOptimizer(SharedWeights& weights, const Recipe& recipe) : weights_(weights), recipe_(recipe) {}
  // Takes the gradients of a network that backward() has run through.
  void collect(const SharedNetwork& network);
  // Changes the weights along the mean of what was collected over `networks` of them, and forgets it.
  void step(double rate, std::int64_t networks);
  std::map<std::string, torch::Tensor>& velocities() { return velocities_; }

 private:
  struct Pending {
    torch::Tensor gradient;  // of the part that any network has
    bool is_decayed = false;
  };
  SharedWeights& weights_;
  const Recipe& recipe_;
  std::map<std::string, Pending> pending_;
  std::map<std::string, torch::Tensor> velocities_;  // by place, shaped as the shared tensor
};

}  // namespace lanewise::accuracy
