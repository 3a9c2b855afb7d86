// SPDX-License-Identifier: Apache-2.0
// From a choice of tile sizes, loop order and buffers to the plan that carries it out.
#pragma once

#include "core/mapping/step_sequence.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_choice.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

// The steps of the choice, which must fit.
StepSequence steps_of(const TileProblem& problem, const TileChoice& choice);
// Writes the steps of the choice, and has the list scheduler order their transfers. The choice must fit.
TilePlan written_plan(const TileProblem& problem, const TileChoice& choice, const Subgraph& subgraph);

}  // namespace lanewise::mapping
