// SPDX-License-Identifier: Apache-2.0
// The second half of partitioning: which activation tensors stay in the on-chip banks between passes.
#pragma once

#include <vector>

#include "engine/engine_config.hpp"
#include "mapping/passes.hpp"
#include "network/graph.hpp"

namespace lanewise::mapping {

// Fills in each pass's context. A tensor stays on chip from the pass that writes it to the last that reads it, whole
// banks each; tensors with the shortest lives go first. Every pass keeps room to stream what is not on chip.
void place_tensors(std::vector<Pass>& passes, const network::Graph& graph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
