// SPDX-License-Identifier: Apache-2.0
// What an engine makes of the weights of a subgraph, where these are pruned or clustered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

struct WeightAnswer {
  std::string form;               // network::to_string of it: "2:4 + 16 clusters"
  std::string mode;               // how the array runs them: mapping::to_string of the WeightMode
  std::int64_t bytes = 0;         // of weights and biases, plain
  std::int64_t stored_bytes = 0;  // in DRAM: the same where the engine does not compress them
};

// nullopt where the weights are plain, or the subgraph has none.
std::optional<WeightAnswer> weight_answer(const mapping::SubgraphShape& shape, const engine::EngineConfig& engine);

}  // namespace lanewise::study
