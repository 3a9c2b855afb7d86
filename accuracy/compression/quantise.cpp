// SPDX-License-Identifier: Apache-2.0
#include "accuracy/compression/quantise.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/error.hpp"

namespace lanewise::accuracy {

namespace {

void expect_bits(int bits) {
  if (bits < 2 || bits > 16) throw InternalError("numbers are rounded to 2 to 16 bits");
}

}  // namespace

torch::Tensor quantised_weights(const torch::Tensor& weights, int bits, std::int64_t axis) {
  expect_bits(bits);
  const torch::NoGradGuard no_gradients;
  // In double precision the largest magnitude comes back exactly, so that rounding again finds the same steps.
  const torch::Tensor exact = weights.detach().to(torch::kDouble);
  torch::Tensor largest = exact.abs();
  if (axis < 0) {
    largest = largest.max();
  } else {
    std::vector<std::int64_t> others;
    for (std::int64_t i = 0; i < exact.dim(); ++i) {
      if (i != axis) others.push_back(i);
    }
    if (!others.empty()) largest = largest.amax(others, true);
  }
  const double most = std::exp2(bits - 1) - 1;
  torch::Tensor step = largest / most;
  step = torch::where(step > 0, step, torch::ones_like(step));
  return (torch::clamp(torch::round(exact / step), -most, most) * step).to(torch::kFloat);
}

ActivationGrid::ActivationGrid(const ActivationRange& range, int bits) : largest(std::exp2(bits) - 1) {
  expect_bits(bits);
  const double from = std::min(range.low, 0.0), to = std::max(range.high, 0.0);
  if (to > from) step = (to - from) / largest;
  zero = std::clamp(std::nearbyint(-from / step), 0.0, largest);
}

torch::Tensor quantised_activations(const torch::Tensor& values, const ActivationGrid& grid) {
  const torch::Tensor inside = torch::clamp(values, grid.low(), grid.high());
  return straight_through(inside, torch::round(inside.detach().to(torch::kFloat) / grid.step) * grid.step);
}

torch::Tensor straight_through(const torch::Tensor& latent, const torch::Tensor& rounded) {
  if (!latent.requires_grad()) return rounded;
  // latent - latent is zero exactly, so that the result has the bytes of `rounded`.
  return rounded.detach() + (latent - latent.detach());
}

}  // namespace lanewise::accuracy
