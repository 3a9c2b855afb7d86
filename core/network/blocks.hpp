// SPDX-License-Identifier: Apache-2.0
// Finds the blocks that the field knows among the operators of a graph. Called by GraphBuilder::build.
#pragma once

#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::network {

// Sorted by first operator, numbered a kind. What counts as what:
// - IBN: 1x1 convolution -> depthwise -> 1x1 convolution, the depthwise wider than both the block's input and its
// output
//   (a middle that is not wider, as in ShuffleNet or SSDLite's extra layers, is no *inverted* bottleneck), nothing
//   inside read from outside (a detector that taps the expanded tensor makes its block a depthwise-separable one).
//   Batch normalizations, activations, pads and one squeeze-excite may stand between; the closing addition is part of
//   it when its other operand is the block's input.
// - fused IBN: the same with one full KxK convolution, K > 1, in place of 1x1 and depthwise.
// - depthwise-separable: depthwise -> 1x1 convolution outside any IBN.
// - squeeze-excite: x * gate(1x1(act(1x1(global average of x)))), gate a sigmoid or hard sigmoid.
// - residual: an addition of two activations, with every operator back to the nearest single operator (or graph input)
//   that both operands come from; an addition whose operators would include those of an earlier residual is none.
std::vector<Block> recognise_blocks(const Graph& graph);

}  // namespace lanewise::network
