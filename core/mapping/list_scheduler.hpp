// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/mapping/tile_plan.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

// The order in which DRAM serves a plan whose steps are written: every transfer once, found by rehearsing the plan step
// by step on an idealised engine. Of the transfers that could start, the one whose step comes first is served: a load
// may start when its buffer is free, a store when its step is done, and a store is due when its buffer is needed again.
// Each follows from transfers served before alone, so that the order can always be carried out.
struct DmaProgram {
  std::vector<DmaEntry> entries;
  double cycles = 0;  // that the rehearsal takes; 0 where there is none
};
DmaProgram order_transfers(const TilePlan& plan, const TileProblem& problem);

}  // namespace lanewise::mapping
