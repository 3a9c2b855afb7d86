// SPDX-License-Identifier: Apache-2.0
// The closed form of a subgraph on engines with `dma.kind: streams`: whole inputs, and weights group by group.
// docs/estimator.md gives every formula. Private to this room.
#pragma once

#include "estimator/analytical_tile.hpp"

namespace lanewise::estimator {

// A "tile" is a cube here: the input rows, or channels, that the activation banks take at once, with all its groups of
// output channels. `work`: zeroes off the array.
CanonicalTile canonical_stream(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                               const mapping::ArrayWork& work);

}  // namespace lanewise::estimator
