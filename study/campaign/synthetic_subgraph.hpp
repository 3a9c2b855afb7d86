// SPDX-License-Identifier: Apache-2.0
// What every subgraph that no network has must keep to, so that measuring it teaches something.
#pragma once

#include <cstdint>

#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

// Whole activation banks that the subgraph's own tensors on chip take.
std::int64_t banks_of_own(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

// Where the tensors live, drawn anew: half of the subgraphs have all in DRAM; of the others each tensor lies on chip or
// not, beside some banks of other tensors. All in DRAM where the engine keeps no activations, and for subgraphs that
// the host runs.
void draw_context(mapping::Subgraph& subgraph, const engine::EngineConfig& engine, Random& random);

// Resized tensors need as many banks more or less; where the engine has not so many, all go to DRAM.
// `before`: banks_of_own() as the context was drawn.
void refit_context(mapping::Subgraph& subgraph, const engine::EngineConfig& engine, std::int64_t before);

// Sets the rows (axis 0) or columns (axis 1) that the subgraph reads to the nearest number not above `inputs` that its
// windows can use, and those that it writes to what follows. False, and the subgraph as it was, where a window finds no
// room, or nothing says how the output follows from the input.
bool resize_map(mapping::SubgraphShape& shape, int axis, std::int64_t inputs);

// The engine supports its precisions, tiles are found for it, and no tensor is larger than any network's.
bool is_worth_measuring(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::study
