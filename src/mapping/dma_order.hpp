// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "mapping/tile_plan.hpp"
#include "mapping/tile_search.hpp"

namespace lanewise::mapping {

// The DMA program of a plan whose steps are written: every transfer once, earliest deadline first on an idealised
// timeline where each step takes as long as its unit (or its share of the DRAM traffic, if that is longer). A load may
// start when its buffer is free and is due when its step starts; a store may start when its step is done and is due
// when its buffer is needed again. Both follow from earlier steps alone, so the order can always be carried out.
struct DmaProgram {
  std::vector<DmaEntry> entries;
  double cycles = 0;  // that the rehearsal takes; 0 where there is none
};
DmaProgram order_transfers(const TilePlan& plan, const TileProblem& problem);

}  // namespace lanewise::mapping
