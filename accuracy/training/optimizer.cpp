// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/optimizer.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::accuracy {

Optimizer::Optimizer(std::vector<Weight> weights, const Recipe& recipe)
    : weights_(std::move(weights)),
      kind_(recipe.optimizer),
      momentum_(recipe.momentum),
      second_momentum_(recipe.second_momentum),
      decay_(recipe.weight_decay),
      clip_(recipe.clip) {
  const auto keep = [&](const char* what) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      state_.emplace_back(what + std::to_string(i), torch::zeros_like(weights_[i].tensor));
    }
  };
  keep(kind_ == Recipe::Optimizer::kSgd ? "velocity" : "mean");
  if (kind_ == Recipe::Optimizer::kAdamW) keep("square");
}

void Optimizer::step(double rate) {
  const torch::NoGradGuard no_gradients;
  ++steps_;
  if (clip_ > 0) clip_gradients();
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (!weights_[i].tensor.grad().defined()) continue;
    if (kind_ == Recipe::Optimizer::kSgd) {
      step_sgd(i, rate);
    } else {
      step_adamw(i, rate);
    }
  }
}

void Optimizer::clear_gradients() {
  // Without one the next backward pass hands its own over instead of adding to it.
  for (Weight& weight : weights_) weight.tensor.mutable_grad() = torch::Tensor();
}

void Optimizer::clip_gradients() {
  double squares = 0;
  for (const Weight& weight : weights_) {
    if (weight.tensor.grad().defined()) squares += weight.tensor.grad().square().sum().item<double>();
  }
  const double norm = std::sqrt(squares);
  if (!(norm > clip_)) return;
  for (Weight& weight : weights_) {
    if (weight.tensor.grad().defined()) weight.tensor.mutable_grad().mul_(clip_ / norm);
  }
}

void Optimizer::step_sgd(std::size_t index, double rate) {
  torch::Tensor& weight = weights_[index].tensor;
  torch::Tensor gradient = weight.grad();
  if (weights_[index].is_decayed && decay_ > 0) gradient.add_(weight, decay_);
  if (momentum_ > 0) {
    torch::Tensor& velocity = state_[index].second;
    velocity.mul_(momentum_).add_(gradient);
    gradient.add_(velocity, momentum_);
  }
  weight.add_(gradient, -rate);
}

void Optimizer::step_adamw(std::size_t index, double rate) {
  torch::Tensor& weight = weights_[index].tensor;
  const torch::Tensor& gradient = weight.grad();
  torch::Tensor& mean = state_[index].second;
  torch::Tensor& square = state_[weights_.size() + index].second;
  if (weights_[index].is_decayed) weight.mul_(1 - rate * decay_);
  mean.mul_(momentum_).add_(gradient, 1 - momentum_);
  square.mul_(second_momentum_).addcmul_(gradient, gradient, 1 - second_momentum_);
  const double count = static_cast<double>(steps_);
  const double mean_share = 1 - std::pow(momentum_, count), square_share = 1 - std::pow(second_momentum_, count);
  weight.addcdiv_(mean, square.div(square_share).sqrt_().add_(1e-8), -rate / mean_share);
}

MovingAverage::MovingAverage(const std::vector<torch::Tensor>& values, double decay) : decay_(decay) {
  const torch::NoGradGuard no_gradients;
  for (const torch::Tensor& value : values) averages_.push_back(value.detach().clone());
}

void MovingAverage::update(const std::vector<torch::Tensor>& values, std::int64_t t) {
  const torch::NoGradGuard no_gradients;
  const double step = static_cast<double>(t), decay = std::min(decay_, (1 + step) / (10 + step));
  for (std::size_t i = 0; i < values.size(); ++i) averages_[i].mul_(decay).add_(values[i], 1 - decay);
}

}  // namespace lanewise::accuracy
