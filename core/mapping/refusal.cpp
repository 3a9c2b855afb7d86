// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/cube_cut.hpp"
#include "core/mapping/patch_cut.hpp"
#include "core/mapping/plan_size.hpp"
#include "core/mapping/tile_choice.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {
namespace {

// A bound on the rows or columns that the tile of a single output reads, and on those that it computes, whatever its
// place: never less than any of them.
std::int64_t conv_bound(const SubgraphShape& s, int axis) {
  const std::int64_t limit = axis == 0 ? s.conv_height() : s.conv_width();
  return s.pooled ? std::min(limit, (s.pool.kernel[axis] - 1) * s.pool.dilation[axis] + 1) : 1;
}
std::int64_t input_bound(const SubgraphShape& s, int axis) {
  const std::int64_t limit = axis == 0 ? s.in_height : s.in_width;
  if (!s.uses_array() && s.family != SubgraphFamily::kPooling)
    return std::min(limit, ceil_div(limit, axis == 0 ? s.out_height : s.out_width) + 1);
  const network::Window& w = s.window;
  return std::min(limit, (conv_bound(s, axis) - 1) * w.stride[axis] + (w.kernel[axis] - 1) * w.dilation[axis] + 1);
}

// The most that any of them reads and computes.
struct OneOutput {
  std::int64_t inputs = 0, computed = 0;
};
OneOutput largest_output(const SubgraphShape& s, int axis) {
  OneOutput most;
  const std::int64_t outputs = axis == 0 ? s.out_height : s.out_width;
  for (std::int64_t at = 0; at < outputs; ++at) {
    most.inputs = std::max(most.inputs, s.input_range(axis, at, at + 1).size());
    most.computed = std::max(most.computed, s.conv_range(axis, at, at + 1).size());
  }
  return most;
}

// A tile of one output pixel and one output channel needs the least of everything. It may take the whole reduction, or
// one block of it, which needs less input and weights but cannot wait for its sums within a fused pooling. Where one of
// the two has room, the planner gets down to it: its search tries both, and its nominal tile, halved again and again,
// ends there.
bool smallest_tile_fits(const TileProblem& problem) {
  const SubgraphShape& s = problem.shape;
  PixelCounts pixels;
  pixels.tiles = s.batch * s.out_height * s.out_width;
  TileChoice tile;
  tile.rows = tile.columns = tile.outputs = 1;
  const auto fits = [&] {
    tile.reduction = s.in_channels;
    if (has_room(problem, pixels, tile)) return true;
    if (problem.follows || s.in_channels <= problem.engine.array.dot_product_lanes) return false;
    tile.reduction = problem.engine.array.dot_product_lanes;
    return has_room(problem, pixels, tile);
  };
  pixels.in_rows = input_bound(s, 0);
  pixels.in_columns = input_bound(s, 1);
  pixels.conv_pixels = conv_bound(s, 0) * conv_bound(s, 1);
  if (fits()) return true;
  // Padding may keep every output from reading as much as the bound.
  const OneOutput row = largest_output(s, 0), column = largest_output(s, 1);
  pixels.in_rows = row.inputs;
  pixels.in_columns = column.inputs;
  pixels.conv_pixels = row.computed * column.computed;
  return fits();
}

std::string tiles_refusal(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  const TileProblem whole(subgraph, engine);
  if (smallest_tile_fits(whole)) return "";
  const auto no_room = [&](const TileProblem& problem) {
    return fmt::format(
        "engine {}: subgraph '{}' ({}) does not fit: not even its smallest tile has room in {} B for activations and "
        "{} B for weights",
        engine.name, subgraph.name, to_string(subgraph.shape.family), problem.activation_room, problem.weight_room);
  };
  if (!groups_stand_alone(subgraph.shape, engine)) return no_room(whole);
  const TileProblem group = TileProblem::of_one_group(subgraph, engine);
  return smallest_tile_fits(group) ? "" : no_room(group);
}

std::string refusal_by_tiles(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  if (!subgraph.shape.uses_array() || engine.patch_pixels() == 0) return tiles_refusal(subgraph, engine);
  if (patch_fits(subgraph, engine)) return "";
  const TileProblem problem(subgraph, engine);
  return fmt::format(
      "engine {}: subgraph '{}' ({}) does not fit: not even the input of one pixel for one block has room in {} B for "
      "activations, or the block's weights in {} B",
      engine.name, subgraph.name, to_string(subgraph.shape.family), problem.activation_room, problem.weight_room);
}

std::string refusal_of_cubes(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  // What does not use the array streams through the post-processor and needs no banks.
  if (!subgraph.shape.uses_array()) return "";
  if (cube_fits(subgraph.shape, array_work(subgraph.shape, engine), engine)) return "";
  return fmt::format(
      "engine {}: subgraph '{}' ({}) does not fit: not even one block of the reduction under one kernel element has "
      "room in {} B for activations and {} B for weights",
      engine.name, subgraph.name, to_string(subgraph.shape.family), engine.activation_capacity().count(),
      engine.weight_capacity().count());
}

}  // namespace

std::string refusal_of(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  try {
    if (std::string large = oversized_map(subgraph); !large.empty()) return large;
    std::string refusal = engine.streams() ? refusal_of_cubes(subgraph, engine) : refusal_by_tiles(subgraph, engine);
    return refusal.empty() ? oversized_plan(subgraph, engine) : refusal;
  } catch (const Error& error) {
    return error.what();  // an engine without a rate for the precision
  }
}

}  // namespace lanewise::mapping
