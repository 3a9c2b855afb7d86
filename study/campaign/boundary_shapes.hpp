// SPDX-License-Identifier: Apache-2.0
// Subgraphs where cost jumps: one channel more starts another block of lanes, one row more no longer fits.
#pragma once

#include <optional>

#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

enum class Boundary {
  kInChannels,    // around a multiple of the lanes: one less, it, one more
  kOutChannels,   // around a multiple of the parallelism factor
  kBanks,         // input or output just fits a number of activation banks, or takes a row more
  kWeightMemory,  // the weights just fit the weight memory or half of it (two tiles), or have a channel more
  kAccumulators,  // the map just fits one to four stripes of what half the accumulators hold, or has a row more
  kContext,       // the same shape, its tensors elsewhere
};
inline constexpr int kBoundaryCount = 6;

// `from` moved to the nearest such place. nullopt where its family has no such boundary on this engine, or the subgraph
// there cannot be measured.
std::optional<mapping::Subgraph> move_to_boundary(const mapping::Subgraph& from, Boundary boundary,
                                                  const engine::EngineConfig& engine, Random& random);

}  // namespace lanewise::study
