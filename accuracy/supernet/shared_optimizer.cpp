// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/shared_optimizer.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::accuracy {

void SharedOptimizer::collect(const SharedNetwork& network) {
  const torch::NoGradGuard no_gradients;
  for (const SharedNetwork::Weight& weight : network.weights) {
    const torch::Tensor gradient = weight.tensor.grad();
    if (!gradient.defined()) continue;
    Pending& pending = pending_[weight.place];
    pending.is_decayed = weight.is_decayed;
    if (!pending.gradient.defined()) {
      pending.gradient = gradient.clone();
      continue;
    }
    if (pending.gradient.sizes() == gradient.sizes()) {
      pending.gradient.add_(gradient);
      continue;
    }
    std::vector<std::int64_t> shape = pending.gradient.sizes().vec();
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      shape[axis] = std::max(shape[axis], gradient.size(static_cast<std::int64_t>(axis)));
    }
    if (pending.gradient.sizes() != shape) {
      const torch::Tensor larger = torch::zeros(shape);
      slice_of(larger, pending.gradient.sizes().vec()).copy_(pending.gradient);
      pending.gradient = larger;
    }
    slice_of(pending.gradient, gradient.sizes().vec()).add_(gradient);
  }
}

void SharedOptimizer::step(double rate, std::int64_t networks) {
  const torch::NoGradGuard no_gradients;
  double scale = 1 / static_cast<double>(networks);
  if (recipe_.clip > 0) {
    double squares = 0;
    for (const auto& [place, pending] : pending_) squares += pending.gradient.square().sum().item<double>();
    const double norm = std::sqrt(squares) * scale;
    if (norm > recipe_.clip) scale *= recipe_.clip / norm;
  }
  for (auto& [place, pending] : pending_) {
    torch::Tensor gradient = pending.gradient.mul_(scale);
    const std::vector<std::int64_t> shape = gradient.sizes().vec();
    const torch::Tensor whole = weights_.whole(place);
    torch::Tensor weight = slice_of(whole, shape);
    if (pending.is_decayed && recipe_.weight_decay > 0) gradient.add_(weight, recipe_.weight_decay);
    if (recipe_.momentum > 0) {
      torch::Tensor& kept = velocities_[place];
      if (!kept.defined()) kept = torch::zeros_like(whole);
      torch::Tensor velocity = slice_of(kept, shape);
      velocity.mul_(recipe_.momentum).add_(gradient);
      gradient.add_(velocity, recipe_.momentum);
    }
    weight.add_(gradient, -rate);
  }
  pending_.clear();
}

}  // namespace lanewise::accuracy
