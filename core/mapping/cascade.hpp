// SPDX-License-Identifier: Apache-2.0
// Depth-first cascades: consecutive subgraphs that run stripe by stripe, so that what is between them stays on chip.
// docs/engine/cascades.md explains them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/operator_fusion.hpp"
#include "core/mapping/placement.hpp"
#include "core/mapping/row_stripes.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

struct Cascade {
  std::size_t first = 0;            // the number of its first subgraph among those of the network
  std::vector<Subgraph> subgraphs;  // as they would be without the cascade, but in its context
  std::int64_t stripe_rows = 0;     // output rows of the last subgraph in each stripe
  std::int64_t stripes = 0;
  Halo halo = Halo::kRecomputed;
  bool keeps_weights = false;  // loaded by the first stripe; otherwise every stripe loads them again
};

// The parts of a cascade in the order in which they run: all subgraphs of the first stripe, then those of the second.
// The subgraphs' contexts must hold what the placement keeps while the cascade runs. `number` is that of the cascade in
// its network. Throws InternalError where there are fewer than two subgraphs or one that cannot be striped.
std::vector<Subgraph> parts_of(const Cascade& cascade, const engine::EngineConfig& engine, int number);

// Activation banks of the buffers between the subgraphs, one each for all but the last.
std::vector<std::int64_t> buffer_banks(const Cascade& cascade, const engine::EngineConfig& engine);

// Cascades that the closed-form cost holds to be better for mapping.plan_for than running the same subgraphs one by
// one, and no slower unless they save energy. `memory` is the placement without cascades, from which `drafts` have
// their contexts. Where there are some, places the tensors anew around them: contexts and `memory` are then those with
// the cascades. Returns none, and changes nothing, where nothing is gained or the engine cannot run any: not of the
// kind tiles, with patches, or with memory.keep_activations off.
std::vector<Cascade> choose_cascades(std::vector<SubgraphDraft>& drafts, const network::Graph& graph,
                                     const engine::EngineConfig& engine, MemoryMap& memory);

}  // namespace lanewise::mapping
