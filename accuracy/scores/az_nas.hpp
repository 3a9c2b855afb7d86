// SPDX-License-Identifier: Apache-2.0
// The scores of AZ-NAS (Lee and Ham, CVPR 2024) that look at a network's signal as it is initialised. Its fourth,
// complexity, is the multiply-accumulates.
#pragma once

#include <optional>

#include "accuracy/scores/probe.hpp"

namespace lanewise::accuracy {

struct AzScores {
  double expressivity = 0;   // Σ over blocks of H, the entropy in nats of the normalised eigenvalues of what it writes
  double progressivity = 0;  // smallest growth of H from one block to the next; 0 where there is one block
  double trainability = 0;   // mean over blocks of isometry_score; 0 where there is none
};

// In training mode, with the weights that the module has. `signs` draws the gradients that are sent back. Trainability
// takes the blocks behind the first one, which is the stem.
AzScores az_scores(GraphModule& module, const Tensors& inputs, Random& signs);

// Entropy of the eigenvalues of the covariance of channels over rows [samples, channels], normalised to 1. Negative
// ones, which rounding makes, count as 0.
double covariance_entropy(const torch::Tensor& rows);

// 2 − σ − 1/(σ + 1e-6) with σ the largest singular value of g_inᵀ·g_out / samples, at most 0 and that at σ = 1. g_out
// is what was sent back into the block's output and g_in what came out at its input, shaped as the maps there. Where
// one map is larger than the other it is padded with zeros to a multiple of it and unshuffled: pixels become channels.
double isometry_score(const torch::Tensor& g_in, const torch::Tensor& g_out);

}  // namespace lanewise::accuracy
