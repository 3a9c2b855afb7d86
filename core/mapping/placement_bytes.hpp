// SPDX-License-Identifier: Apache-2.0
// What a subgraph moves row by row, as placement counts it. Private to placement.
#pragma once

#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// Bytes of one output row (all channels) and of the input rows that it needs.
std::int64_t row_bytes(const SubgraphShape& shape);
// Banks for double-buffered tiles of one row for everything that the subgraph streams, were none of its tensors on
// chip. Reserving for the worst case keeps the choice for one tensor apart from that for another.
std::int64_t streaming_banks(std::int64_t row_bytes, const engine::EngineConfig& engine);
// Rows that no window touches, where the stride jumps over some, are not read.
Bytes needed_input_bytes(const SubgraphShape& shape);

}  // namespace lanewise::mapping
