// SPDX-License-Identifier: Apache-2.0
// Synthetic subgraphs, which no network contains, and the rules they obey so that measuring them is worthwhile.
#pragma once

#include <cstdint>

#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

// The activation banks that the subgraph's own tensors on chip occupy.
std::int64_t banks_of_own(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

// Draws where the tensors live. Half of the subgraphs have all tensors in DRAM; in the other half each tensor is on
// chip with probability one half, beside some banks of other tensors. All tensors are in DRAM where the engine keeps no
// activations, and for subgraphs that the host runs.
void draw_context(mapping::Subgraph& subgraph, const engine::EngineConfig& engine, Random& random);

// Adjusts the context after a resize: the tensors need more or fewer banks, and go to DRAM where the engine has too
// few. `before` is banks_of_own() at the time at which the context was drawn.
void refit_context(mapping::Subgraph& subgraph, const engine::EngineConfig& engine, std::int64_t before);

// Sets the input rows (axis 0) or columns (axis 1) to the largest number up to `inputs` that the windows use
// completely, and the output rows or columns to what follows. Returns false and leaves the shape alone where a window
// does not fit, or where the output size does not follow from the input size.
bool resize_map(mapping::SubgraphShape& shape, int axis, std::int64_t inputs);

// Whether the engine supports the precisions, a tile plan exists, and no tensor is larger than those of real networks.
bool is_worth_measuring(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::study
