// SPDX-License-Identifier: Apache-2.0
// From a choice of tile sizes, loop order and buffers to the plan that carries it out.
#pragma once

#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_choice.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

// Writes the steps of the choice, and has the list scheduler order their transfers. The choice must fit. Where the
// problem is one of several equal groups that share nothing, the steps of all `groups` follow each other.
TilePlan written_plan(const TileProblem& problem, const TileChoice& choice, const Subgraph& subgraph,
                      std::int64_t groups = 1);

}  // namespace lanewise::mapping
