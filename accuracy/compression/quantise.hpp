// SPDX-License-Identifier: Apache-2.0
// Numbers rounded to those that few bits hold, still as floating point: what an engine's integers stand for.
#pragma once

#include <torch/torch.h>

namespace lanewise::accuracy {

// Symmetric, as engines hold weights: with b bits the values are s·q, q an integer in [-(2^(b-1) - 1), 2^(b-1) - 1]
// and s the largest magnitude over 2^(b-1) - 1, of each slice along `axis` by itself, or of all of the tensor where
// `axis` is -1. Zero stays zero; an error is at most s / 2; what is rounded twice changes once. Returns fp32 shaped as
// `weights`; no gradient flows. 2 <= bits <= 16.
torch::Tensor quantised_weights(const torch::Tensor& weights, int bits, std::int64_t axis);

// The numbers that an activation takes, as seen on images.
struct ActivationRange {
  double low = 0, high = 0;
};

// Affine, as engines hold activations: 2^b values a step apart, one of which is zero exactly. The range is widened to
// hold zero; what lies outside of it becomes its end.
struct ActivationGrid {
  ActivationGrid(const ActivationRange& range, int bits);  // 2 <= bits <= 16
  double step = 1;                                         // > 0
  double zero = 0;                                         // the integer that stands for zero, in [0, largest]
  double largest = 0;                                      // 2^b - 1
  double low() const { return -zero * step; }
  double high() const { return (largest - zero) * step; }
};
// Values on the grid, fp32. Gradients pass straight through where the value lies inside the grid's ends and are zero
// outside (Bengio and others, 2013; Jacob and others, 2018).
torch::Tensor quantised_activations(const torch::Tensor& values, const ActivationGrid& grid);

// `rounded`, computed from `latent`, whose gradient it hands on as if nothing had been rounded.
torch::Tensor straight_through(const torch::Tensor& latent, const torch::Tensor& rounded);

}  // namespace lanewise::accuracy
