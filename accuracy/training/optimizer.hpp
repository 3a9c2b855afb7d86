// SPDX-License-Identifier: Apache-2.0
// Weights changed along their gradients.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "accuracy/training/recipe.hpp"

namespace lanewise::accuracy {

class Optimizer {
 public:
  struct Weight {
    torch::Tensor tensor;  // its gradient is read; without one it stays as it is
    bool is_decayed = false;
  };
  // The numbers that it keeps beside the weights, by name: what a checkpoint holds.
  using State = std::vector<std::pair<std::string, torch::Tensor>>;

  Optimizer(std::vector<Weight> weights, const Recipe& recipe);

  // With g the gradient, plus the decay times the weight w where it is decayed, SGD with Nesterov's momentum m does, as
  // Sutskever and others (2013) in the form of PyTorch's,
  //   v := m v + g,  w := w - rate (g + m v)
  // and AdamW, whose decay is apart from the gradient (Loshchilov and Hutter, 2019), with its step counted from 1,
  //   w := (1 - rate decay) w,  a := m a + (1 - m) g,  b := n b + (1 - n) g^2,
  //   w := w - rate a / (1 - m^step) / (sqrt(b / (1 - n^step)) + 1e-8).
  // Before that all gradients are scaled down together where their Euclidean norm exceeds the recipe's clip.
  void step(double rate);
  void clear_gradients();

  const State& state() const { return state_; }
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }

 private:
  void clip_gradients();
  void step_sgd(std::size_t index, double rate);
  void step_adamw(std::size_t index, double rate);

  std::vector<Weight> weights_;
  Recipe::Optimizer kind_;
  double momentum_, second_momentum_, decay_, clip_;
  State state_;  // SGD: v of each weight; AdamW: a of each, then b of each
  std::int64_t steps_ = 0;
};

// A moving average of tensors: after step t, counted from 1, average := d average + (1 - d) value with
// d = min(decay, (1 + t) / (10 + t)), so that the first weights are soon forgotten.
class MovingAverage {
 public:
  MovingAverage(const std::vector<torch::Tensor>& values, double decay);
  void update(const std::vector<torch::Tensor>& values, std::int64_t t);
  const std::vector<torch::Tensor>& averages() const { return averages_; }

 private:
  std::vector<torch::Tensor> averages_;
  double decay_;
};

}  // namespace lanewise::accuracy
