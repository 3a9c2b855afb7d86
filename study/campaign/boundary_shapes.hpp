// SPDX-License-Identifier: Apache-2.0
// Boundary shapes: subgraphs at which the cost jumps, because one more channel starts another block of lanes or one
// more row no longer fits.
#pragma once

#include <optional>

#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

enum class Boundary {
  kInChannels,    // a multiple of the lanes, or one channel fewer or more
  kOutChannels,   // a multiple of the parallelism factor, or one channel fewer or more
  kBanks,         // input or output just fits a number of activation banks, or has one row more
  kWeightMemory,  // the weights just fit the weight memory or half of it (two tiles), or have one channel more
  kAccumulators,  // the map just fits one to four stripes of what half the accumulators hold, or has one row more
  kContext,       // the same shape with its tensors in other places
};
inline constexpr int kBoundaryCount = 6;

// The boundary shape nearest to `from`. Returns nullopt where its family has no such boundary on this engine, or where
// the subgraph at it cannot be measured.
std::optional<mapping::Subgraph> move_to_boundary(const mapping::Subgraph& from, Boundary boundary,
                                                  const engine::EngineConfig& engine, Random& random);

}  // namespace lanewise::study
