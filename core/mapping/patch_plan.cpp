// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/patch_plan.hpp"

#include "core/base/error.hpp"
#include "core/mapping/patch_cut.hpp"
#include "core/mapping/tile_problem.hpp"
#include "core/mapping/tile_steps.hpp"

namespace lanewise::mapping {

TilePlan plan_by_patches(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const PatchCut cut = patch_cut(subgraph, engine);
  TileProblem problem(cut.group, engine);
  problem.repeats = cut.groups;
  if (!cut.choice.fits()) throw InternalError("patches: '" + subgraph.name + "' fits, but no patch of it was found");
  return written_plan(problem, cut.choice, cut.group);
}

}  // namespace lanewise::mapping
