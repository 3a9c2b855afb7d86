// SPDX-License-Identifier: Apache-2.0
// What a step takes by itself, on an idealised engine whose array and post-processor have fixed shares of the ports.
#pragma once

#include <algorithm>

#include "core/mapping/tile_plan.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

// In cycles.
struct StepWork {
  double array = 0, post = 0;
  double lead = 0;   // of the array, before the first sums leave
  double tail = 0;   // of the post-processor, behind the array's last block
  double ahead = 0;  // of the array, until the accumulators are full where nothing drains them
  double longer() const { return std::max(array, post); }
};
StepWork step_work(const TileStep& step, const TileProblem& problem);

}  // namespace lanewise::mapping
