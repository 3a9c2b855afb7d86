// SPDX-License-Identifier: Apache-2.0
// The order in which DRAM serves the transfers of a plan, by list scheduling.
#pragma once

#include <limits>
#include <vector>

#include "core/mapping/step_sequence.hpp"
#include "core/mapping/tile_choice.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

struct DmaProgram {
  std::vector<DmaEntry> entries;
  double cycles = 0;  // of the schedule; 0 where the order is fixed and nothing was scheduled
};
// Orders the transfers of the steps of a choice, each once. The list scheduler runs the steps on an idealised engine. A
// load is ready when its buffer is free and a store when its step is done; which of the transfers that
// wait is served next follows from the policy of the choice. Each decision depends on
// transfers that were served before and on nothing else, so that the order can always be carried out. Where the
// schedule has come to repeat itself as the steps do, the repetitions are copied.
DmaProgram order_transfers(const StepSequence& steps, const TileChoice& choice, const TileProblem& problem);

// The cycles of that schedule alone; infinity as soon as it is certain that they exceed `most`.
double scheduled_cycles(const StepSequence& steps, const TileChoice& choice, const TileProblem& problem,
                        double most = std::numeric_limits<double>::infinity());

}  // namespace lanewise::mapping
