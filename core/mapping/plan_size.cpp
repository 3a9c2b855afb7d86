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

// What a plan has at least.
struct Size {
  std::int64_t steps = 0, stripes = 0;

  bool fits() const { return steps <= kMostSteps && stripes <= kMostStripes; }
  bool operator<(const Size& o) const { return std::max(steps, stripes) < std::max(o.steps, o.stripes); }
};

// Of the nominal tiles of one way to divide the work the one that has the fewer; kNoBound where none has room.
Size nominal_size(const TileProblem& problem, const Bounds& limits) {
  const NominalTile nominal = nominal_tile(problem, limits);
  Size least{kNoBound, kNoBound};
  for (const TileChoice& choice : {nominal.choice, nominal.in_parts}) {
    if (!choice.fits()) continue;
    const Size size{step_count(problem, choice), stripe_count(problem, choice)};
    if (size.fits()) return size;
    least = std::min(least, size);
  }
  return least;
}

Size tile_size(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const SubgraphShape& s = subgraph.shape;
  // Most subgraphs would have few enough if each output of each pixel were a tile by itself.
  const bool array = s.uses_array();
  const std::int64_t height = array ? s.conv_height() : s.out_height, width = array ? s.conv_width() : s.out_width;
  const std::int64_t reductions = array ? ceil_div(s.in_channels, engine.array.dot_product_lanes) : 1;
  if (product({s.batch, height, width, s.out_channels, reductions}) <= kMostSteps) return {};
  const TileProblem whole(subgraph, engine);
  Size least = nominal_size(whole, bounds(subgraph, engine));
  if (!least.fits() && groups_stand_alone(s, engine)) {
    const TileProblem group = TileProblem::of_one_group(subgraph, engine);
    Subgraph alone;
    alone.shape = group.shape;
    alone.context = group.context;
    least = std::min(least, nominal_size(group, bounds(alone, engine)));
  }
  // Where no nominal tile has room, a search may still find one: it leaves out those that are too large.
  return least.steps == kNoBound && least.stripes == kNoBound ? Size{} : least;
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

Size size_of_plan(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  if (engine.streams()) return {cube_steps(subgraph, engine), 0};
  const bool patches = subgraph.shape.uses_array() && engine.patch_pixels() > 0;
  return patches ? Size{patch_steps(subgraph, engine), 0} : tile_size(subgraph, engine);
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

std::int64_t stripe_count(const TileProblem& problem, const TileChoice& choice) {
  const SubgraphShape& s = problem.shape;
  if (!s.uses_array() || problem.patches()) return 0;
  const std::int64_t pixels = s.conv_range(0, 0, std::min(s.out_height, choice.rows)).size() *
                              s.conv_range(1, 0, std::min(s.out_width, choice.columns)).size();
  const std::int64_t groups = problem.groups_per_unit > 1
                                  ? ceil_div(choice.outputs, problem.channel_unit) * problem.groups_per_unit
                                  : ceil_div(choice.outputs, problem.work.outputs_per_group);
  return product({step_count(problem, choice), groups, ceil_div(pixels, problem.work.stripe_pixels)});
}

bool is_plannable(const TileProblem& problem, const TileChoice& choice) {
  return Size{step_count(problem, choice), stripe_count(problem, choice)}.fits();
}

std::string oversized_plan(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const Size size = size_of_plan(subgraph, engine);
  if (size.fits()) return "";
  const bool steps = size.steps > kMostSteps;
  const std::int64_t count = steps ? size.steps : size.stripes;
  const std::string how_many = count == kNoBound ? "more than can be counted" : fmt::format("{}", count);
  return fmt::format(
      "engine {}: subgraph '{}' ({}) is too large to be planned: the plan would have {} {}, at most {} are simulated; "
      "a smaller batch or map, or more memory on chip, needs fewer",
      engine.name, subgraph.name, to_string(subgraph.shape.family), how_many, steps ? "steps" : "stripes of pixels",
      steps ? kMostSteps : kMostStripes);
}

}  // namespace lanewise::mapping
