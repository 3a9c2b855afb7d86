// SPDX-License-Identifier: Apache-2.0
// The order in which DRAM serves the transfers of a plan, by list scheduling.
#pragma once

#include <vector>

#include "core/mapping/tile_plan.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

struct DmaProgram {
  std::vector<DmaEntry> entries;
  double cycles = 0;  // of the schedule; 0 where the order is fixed and nothing was scheduled
};
// Orders the transfers of a plan whose steps are written, each once. The list scheduler runs the steps on an idealised
// engine. A load is ready when its buffer is free and a store when its step is done; of the ready transfers, the one of
// the earliest step is served next, and a store becomes due when its buffer is needed again. Each decision depends on
// transfers that were served before and on nothing else, so that the order can always be carried out.
DmaProgram order_transfers(const TilePlan& plan, const TileProblem& problem);

}  // namespace lanewise::mapping
