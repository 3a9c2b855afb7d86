// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/shared_optimizer.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::accuracy {
namespace {

constexpr char kVelocity[] = "velocity ", kMean[] = "mean ", kSquare[] = "square ", kVisits[] = "visits ";

}  // namespace

bool SharedOptimizer::load(const std::string& name, const torch::Tensor& values) {
  for (const char* what : {kVelocity, kMean, kSquare, kVisits}) {
    const std::string beginning = what;
    if (name.compare(0, beginning.size(), beginning) != 0) continue;
    if (values.sizes() != weights_.whole(name.substr(beginning.size())).sizes()) return false;
    state_[name] = values;
  }
  return true;
}

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
    const torch::Tensor gradient = pending.gradient.mul_(scale), whole = weights_.whole(place);
    const torch::Tensor weight = slice_of(whole, gradient.sizes().vec());
    if (recipe_.optimizer == Recipe::Optimizer::kAdamW) {
      step_adamw(place, whole, weight, pending, rate);
    } else {
      step_sgd(place, whole, weight, pending, rate);
    }
  }
  pending_.clear();
}

torch::Tensor& SharedOptimizer::kept(const std::string& what, const std::string& place, const torch::Tensor& whole) {
  torch::Tensor& numbers = state_[what + place];
  if (!numbers.defined()) numbers = torch::zeros_like(whole);
  return numbers;
}

void SharedOptimizer::step_sgd(const std::string& place, const torch::Tensor& whole, torch::Tensor weight,
                               const Pending& pending, double rate) {
  torch::Tensor gradient = pending.gradient;
  if (pending.is_decayed && recipe_.weight_decay > 0) gradient.add_(weight, recipe_.weight_decay);
  if (recipe_.momentum > 0) {
    torch::Tensor velocity = slice_of(kept(kVelocity, place, whole), gradient.sizes().vec());
    velocity.mul_(recipe_.momentum).add_(gradient);
    gradient.add_(velocity, recipe_.momentum);
  }
  weight.add_(gradient, -rate);
}

void SharedOptimizer::step_adamw(const std::string& place, const torch::Tensor& whole, torch::Tensor weight,
                                 const Pending& pending, double rate) {
  const torch::Tensor& gradient = pending.gradient;
  const std::vector<std::int64_t> shape = gradient.sizes().vec();
  const double first = recipe_.momentum, second = recipe_.second_momentum;
  torch::Tensor mean = slice_of(kept(kMean, place, whole), shape);
  torch::Tensor square = slice_of(kept(kSquare, place, whole), shape);
  torch::Tensor visits = slice_of(kept(kVisits, place, whole), shape);
  if (pending.is_decayed) weight.mul_(1 - rate * recipe_.weight_decay);
  visits.add_(1);
  mean.mul_(first).add_(gradient, 1 - first);
  square.mul_(second).addcmul_(gradient, gradient, 1 - second);
  // The corner of a tensor that small networks have is changed far more often than its rim: each number has a count.
  const torch::Tensor mean_share = 1 - at::exp(visits * std::log(first));
  const torch::Tensor square_share = 1 - at::exp(visits * std::log(second));
  weight.addcdiv_(mean.div(mean_share), square.div(square_share).sqrt_().add_(1e-8), -rate);
}

}  // namespace lanewise::accuracy
