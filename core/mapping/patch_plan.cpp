// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/patch_plan.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/mapping/patch_cut.hpp"
#include "core/mapping/tile_problem.hpp"
#include "core/mapping/tile_steps.hpp"

namespace lanewise::mapping {

TilePlan plan_by_patches(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const PatchCut cut = patch_cut(subgraph, engine);
  TileProblem problem(cut.group, engine);
  problem.repeats = cut.groups;
  if (!cut.choice.fits()) {
    throw Error(fmt::format(
        "engine {}: subgraph '{}' ({}) does not fit: not even the input of one pixel for one block has room in {} B "
        "for activations, or the block's weights in {} B",
        engine.name, subgraph.name, to_string(subgraph.shape.family), problem.activation_room, problem.weight_room));
  }
  return written_plan(problem, cut.choice, cut.group);
}

}  // namespace lanewise::mapping
