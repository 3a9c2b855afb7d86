// SPDX-License-Identifier: Apache-2.0
// Recognises well-known building blocks among the operators of a graph. Called by GraphBuilder::build.
#pragma once

#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::network {

// The blocks of a graph, sorted by their first operator and numbered per kind.
//
// Inverted bottleneck (IBN): 1x1 convolution -> depthwise convolution -> 1x1 convolution.
//   The depthwise convolution is wider than both the input and the output of the block. A middle that is not wider, as
//   in ShuffleNet or in the extra layers of SSDLite, makes no *inverted* bottleneck.
//   Nothing inside is read from outside: a detector that taps the expanded tensor makes its block depthwise-separable.
//   Batch normalizations, activations, pads and one squeeze-excite may stand between the convolutions. The closing
//   addition belongs to the block when its other operand is the input of the block.
// Fused IBN: the same with one full KxK convolution, K > 1, in place of the 1x1 and the depthwise convolution.
// Depthwise-separable: depthwise convolution -> 1x1 convolution, outside any IBN.
// Squeeze-excite: x * gate(1x1(act(1x1(global average of x)))), where the gate is a sigmoid or hard sigmoid.
// Residual: an addition of two activations, with all operators back to the nearest operator or graph input from which
//   both operands come. An addition whose operators would include those of an earlier residual is none.
std::vector<Block> recognise_blocks(const Graph& graph);

}  // namespace lanewise::network
