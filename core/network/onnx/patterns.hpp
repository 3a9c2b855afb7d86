// SPDX-License-Identifier: Apache-2.0
// Replaces what exporters spell out in several operators by the one operator that is meant.
#pragma once

#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

// In place, on the operators between the network's inputs and outputs:
// - x * sigmoid(x) -> Silu; clip(x + 3, 0, 6) / 6 -> HardSigmoid; x times that, or
//   x * HardSigmoid(x; 1/6, 1/2) -> HardSwish
// - x / 2 * (1 + erf(x / sqrt 2)), its tanh form and x * sigmoid(1.702 x) -> Gelu
// - (x - mean) / sqrt(mean of squares + epsilon) over the last axis, with scale and shift -> LayerNormalization
// - a constant added to each channel after Conv or MatMul -> its bias (a third input, also for MatMul)
// - zeros padded around the map before Conv -> its pads
// Operators that no output depends on are removed.
void canonicalise(Network& network);

}  // namespace lanewise::network::importing
