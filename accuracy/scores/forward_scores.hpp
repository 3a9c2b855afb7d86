// SPDX-License-Identifier: Apache-2.0
// Scores from what a network writes as it is initialised, without gradients: NASWOT and Zen. Each runs the module with
// the weights that it has. Higher is better in both.
#pragma once

#include "accuracy/scores/probe.hpp"

namespace lanewise::accuracy {

// ln |det K|, K = Σ over activations of C·Cᵀ + (1 − C)(1 − C)ᵀ with a row of C per image, 1 where what the activation
// reads is above 0; in training mode. −∞ where two images have the same code. Gates of sigmoid shape and functions that
// do not bend at 0 count nothing.
// Source: Mellor, Turner, Storkey and Crowley, Neural architecture search without training, ICML 2021.
double naswot(GraphModule& module, const Tensors& inputs);

// ln mean over images of Σ |f(x) − f(x + γ y)|, plus ½ ln of the mean running variance of every batch normalization; f
// is the map before the global pooling (all outputs where there is none), with residual links removed: of a sum of two
// maps the one behind more layers goes on. Running variances begin at 1 and take a tenth of the batch's at each of the
// two runs, so that each normalization adds a term of its own, whatever the variance: the score grows with depth.
// Source: Lin and others, Zen-NAS, ICCV 2021. The module's weights are meant to be ~ N(0, 1).
double zen(GraphModule& module, const Tensors& x, const Tensors& y, double gamma = 1e-2);

}  // namespace lanewise::accuracy
