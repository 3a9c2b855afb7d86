// SPDX-License-Identifier: Apache-2.0
// The steps of a tile plan in short: how most of them repeat a few kinds.
#pragma once

#include <cstdint>
#include <vector>

#include "core/mapping/tile_plan.hpp"

namespace lanewise::mapping {

// Steps are equal where their tiles are, which all but those at the borders of a map are. What is asked of every step
// is worked out once for each kind, and a schedule repeats itself where the steps do.
struct StepSequence {
  std::vector<TileStep> kinds;
  std::vector<std::uint32_t> steps;  // the kind of each step, in order
  // After how many steps the sequence may repeat itself, the shortest first: one turn of each of its loops.
  std::vector<std::size_t> periods;

  const TileStep& step(std::size_t index) const { return kinds[steps[index]]; }
};

}  // namespace lanewise::mapping
