// SPDX-License-Identifier: Apache-2.0
// The analytical model of engines that stream (`dma.kind: streams`): whole inputs, and weights group by group.
// docs/estimator.md gives every formula. Private to this module.
#pragma once

#include "core/mapping/analytical_tile.hpp"

namespace lanewise::estimator {

// The tile is a cube here: the input rows or channels that the activation banks take at once, with all its groups of
// output channels. `work` holds zeros where the array is not used.
mapping::AnalyticalTile analytical_stream(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                                          const mapping::ArrayWork& work);

}  // namespace lanewise::estimator
