// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/plan_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/mapping/array_work.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/cube_cut.hpp"
#include "core/mapping/nominal_tile.hpp"
#include "core/mapping/patch_cut.hpp"

namespace lanewise::mapping {
namespace {

constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();

// The product of counts that are at least 1; kNoBound where it is larger than any plan may be.
std::int64_t product(std::initializer_list<std::int64_t> counts) {
  std::int64_t all = 1;
  for (const std::int64_t count : counts) {
    if (count > kNoBound / all) return kNoBound;
    all *= count;
  }
  return all;
}

// Steps of the nominal tile of one way to divide the work that has the fewer; kNoBound where none has room.
std::int64_t nominal_steps(const TileProblem& problem, const Bounds& limits) {
  const NominalTile nominal = nominal_tile(problem, limits);
  std::int64_t least = kNoBound;
  for (const TileChoice& choice : {nominal.choice, nominal.in_parts}) {
    if (choice.fits()) least = std::min(least, step_count(problem, choice));
  }
  return least;
}

std::int64_t tile_steps(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const SubgraphShape& s = subgraph.shape;
  // Most subgraphs would have few enough if each output of each pixel were a tile by itself.
  const std::int64_t reductions = s.uses_array() ? ceil_div(s.in_channels, engine.array.dot_product_lanes) : 1;
  if (product({s.batch, s.out_height, s.out_width, s.out_channels, reductions}) <= kMostSteps) return 0;
  const TileProblem whole(subgraph, engine);
  std::int64_t least = nominal_steps(whole, bounds(subgraph, engine));
  if (least > kMostSteps && groups_stand_alone(s, engine)) {
    const TileProblem group = TileProblem::of_one_group(subgraph, engine);
    Subgraph alone;
    alone.shape = group.shape;
    alone.context = group.context;
    least = std::min(least, nominal_steps(group, bounds(alone, engine)));
  }
  // Where no nominal tile has room, a search may still find one: it leaves out those with too many steps.
  return least == kNoBound ? 0 : least;
}

std::int64_t patch_steps(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const PatchCut cut = patch_cut(subgraph, engine);
  if (!cut.choice.fits()) return 0;
  TileProblem problem(cut.group, engine);
  problem.repeats = cut.groups;
  return step_count(problem, cut.choice);
}

// Steps of engines that stream: groups of output channels, for every cube of every part of the reduction.
std::int64_t cube_steps(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const SubgraphShape& s = subgraph.shape;
  if (!s.uses_array()) return 1;
  const ArrayWork work = array_work(s, engine);
  // Few layers are cut into more cubes than this times their rows; the others are not worth a search here.
  constexpr std::int64_t kCubesOfRow = 16;
  if (product({s.batch, work.groups, s.out_height, kCubesOfRow}) <= kMostSteps) return 0;
  const std::int64_t least = product({s.batch, ceil_div(s.out_channels, engine.array.parallelism_factor)});
  if (least > kMostSteps) return least;
  const CubeCut cut = cube_cut(s, work, engine);
  if (!cut.fits) return 0;
  const CubeGeometry geometry(s, work, engine);
  return product({s.batch, geometry.parts(cut), ceil_div(s.out_height, cut.rows), ceil_div(s.out_width, cut.columns),
                  geometry.kernel_groups(s.out_channels, cut.outputs)});
}

std::int64_t steps_of_plan(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  if (engine.streams()) return cube_steps(subgraph, engine);
  const bool patches = subgraph.shape.uses_array() && engine.patch_pixels() > 0;
  return patches ? patch_steps(subgraph, engine) : tile_steps(subgraph, engine);
}

}  // namespace

std::string oversized_map(const Subgraph& subgraph) {
  const SubgraphShape& s = subgraph.shape;
  const std::int64_t longest = std::max({s.in_height, s.in_width, s.out_height, s.out_width});
  if (longest <= kLongestAxis) return "";
  return fmt::format("subgraph '{}' ({}) is too large to be planned: its map has {} rows or columns, at most {} are",
                     subgraph.name, to_string(s.family), longest, kLongestAxis);
}

std::int64_t step_count(const TileProblem& problem, const TileChoice& choice) {
  const SubgraphShape& s = problem.shape;
  return product({problem.repeats, s.batch, ceil_div(s.out_height, choice.rows), ceil_div(s.out_width, choice.columns),
                  ceil_div(s.out_channels, choice.outputs),
                  problem.follows ? 1 : ceil_div(s.in_channels, choice.reduction)});
}

std::string oversized_plan(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const std::int64_t steps = steps_of_plan(subgraph, engine);
  if (steps <= kMostSteps) return "";
  const std::string count = steps == kNoBound ? "more steps than can be counted" : fmt::format("{} steps", steps);
  return fmt::format(
      "engine {}: subgraph '{}' ({}) is too large to be planned: the plan would have {}, at most {} are simulated; a "
      "smaller batch or map, or more memory on chip, needs fewer",
      engine.name, subgraph.name, to_string(subgraph.shape.family), count, kMostSteps);
}

}  // namespace lanewise::mapping
