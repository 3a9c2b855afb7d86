// SPDX-License-Identifier: Apache-2.0
// Replaces what exporters spell out in several operators by the one operator that is meant.
#pragma once

#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

// Attribute of a LayerNormalization that was spelled out: whether it subtracts the mean (1) or not (0).
inline constexpr const char* kCentred = "centred";

// In place, on the operators between the network's inputs and outputs:
// - x * sigmoid(b x) -> Silu; clip(x + 3, 0, 6) / 6 -> HardSigmoid, x times that -> HardSwish; x / 2 * (1 + erf(x /
//   sqrt 2)), its tanh and sigmoid forms -> Gelu; x * tanh(softplus(x)) -> Mish; max(x, a x) … -> LeakyRelu, PRelu
// - exp(x) / sum(exp(x)) -> Softmax
// - (x - mean) / sqrt(mean of squares + epsilon), also without the mean -> LayerNormalization over the last axis, with
//   scale and shift, MeanVarianceNormalization over others, GroupNormalization between reshapes
// - x * cos + turned(x) * sin -> RotaryEmbedding
// The patterns stand for every order of operands and every spelling of a quotient or a root (patterns/algebra.hpp).
// - a constant added to each channel after Conv or MatMul -> its bias (a third input, also for MatMul)
// - zeros padded around the map before Conv -> its pads
// Operators that no output depends on are removed.
void canonicalise(Network& network);

}  // namespace lanewise::network::importing
