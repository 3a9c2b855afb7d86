// SPDX-License-Identifier: Apache-2.0
// One shape for one product: a 1x1 convolution, a 1-D convolution of one tap and a matrix product multiply the same
// numbers, so they become the same subgraph.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// Gives a subgraph of the array that computes each pixel by itself (one tap, no stride, no padding, no pooling behind
// it) the map that only the number of its pixels decides, those of all images of a batch together: the squarest one,
// which a square map is already, or one column where the engine computes patches, which a line of pixels fills best.
// Products of two activations stay as they are. So do convolutions where the engine runs cascades: these go by the rows
// that subgraphs share.
void fold_pointwise(SubgraphShape& shape, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
