// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/patch_cut.hpp"

#include <algorithm>
#include <optional>

#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {
namespace {

// Whether each pixel of a line is computed by itself.
bool is_line_of_tokens(const SubgraphShape& s) {
  const network::Window& w = s.window;
  const bool pointwise = w.kernel[0] * w.kernel[1] * w.stride[0] * w.stride[1] == 1;
  const bool line = (s.out_height == 1 && s.in_height == 1) || (s.out_width == 1 && s.in_width == 1);
  return s.uses_array() && pointwise && line && !s.pooled && s.in_height * s.in_width == s.out_height * s.out_width;
}

// Groups that the array takes one after the other, each with blocks and output channels of its own.
std::int64_t groups_in_turn(const SubgraphShape& s, const ArrayWork& work, const engine::EngineConfig& engine) {
  const bool native = s.in_channels == s.groups && engine.array.depthwise == engine::DepthwiseMapping::kNative;
  const bool together =
      s.out_channels / s.groups <= engine.array.parallelism_factor && s.in_channels / s.groups <= work.block_channels;
  return native || together ? 1 : s.groups;
}

// Output channels and part of the reduction that a tile has.
void take_channels(const TileProblem& problem, TileChoice& choice) {
  choice.outputs = std::min(problem.channel_unit, problem.shape.out_channels);
  choice.reduction =
      problem.follows ? problem.shape.in_channels : std::min(problem.work.block_channels, problem.shape.in_channels);
  choice.input_slots = problem.context.input_on_chip ? 0 : problem.engine.dma.prefetch_input ? 2 : 1;
}

std::int64_t input_bytes(const TileProblem& problem, const TileChoice& choice) {
  const std::int64_t channels = problem.input_channels(choice.outputs, choice.reduction);
  return choice.input_slots * problem.shape.inputs * problem.patch_input_pixels(choice.rows, choice.columns) *
         problem.pixel_bytes(channels, problem.shape.input_precision);
}

std::int64_t weight_bytes(const TileProblem& problem, const TileChoice& choice) {
  return problem.loads_weights ? problem.weight_tile_bytes(choice.outputs, choice.reduction) : 0;
}

bool has_room(const TileProblem& problem, const TileChoice& choice) {
  return input_bytes(problem, choice) <= problem.activation_room &&
         weight_bytes(problem, choice) <= problem.weight_room;
}

TileChoice choose_patches(const TileProblem& problem, bool tokens) {
  const SubgraphShape& s = problem.shape;
  const engine::EngineConfig::Array& array = problem.engine.array;
  TileChoice choice;
  choice.order = LoopOrder::kWeightsOutside;
  take_channels(problem, choice);
  // A stride leaves the pixels between its steps idle.
  choice.rows = tokens ? 1 : ceil_div(array.patch_rows, s.window.stride[0]);
  choice.columns = tokens ? problem.engine.patch_pixels() : ceil_div(array.patch_columns, s.window.stride[1]);
  while (input_bytes(problem, choice) > problem.activation_room && choice.rows * choice.columns > 1) {
    --(choice.rows >= choice.columns ? choice.rows : choice.columns);
  }
  if (!has_room(problem, choice)) {
    choice.rows = 0;
    return choice;
  }
  const std::int64_t block_weights = weight_bytes(problem, choice);
  if (block_weights > 0) {
    // All blocks' weights of a group of outputs where they fit, so that they come once for all patches.
    const std::int64_t blocks = problem.follows ? 1 : ceil_div(s.in_channels, choice.reduction);
    choice.weight_slots = blocks * block_weights <= problem.weight_room ? static_cast<int>(blocks) : 1;
  }
  choice.operand_slots = s.operand != FusedOperand::kNone && !problem.context.operand_on_chip ? 1 : 0;
  choice.output_slots = problem.context.output_on_chip ? 0 : 1;
  choice.peak_bytes = input_bytes(problem, choice) + choice.weight_slots * block_weights;
  return choice;
}

// The tokens of a line of pixels fill patches whatever their rows and columns, also those of several images, where that
// takes fewer patches: the shape with all tokens along its width. Null for shapes that stay as they are.
std::optional<SubgraphShape> folded_tokens(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  if (!is_line_of_tokens(shape)) return std::nullopt;
  SubgraphShape folded = shape;
  // Values per channel are others for each image.
  if (shape.operand != FusedOperand::kPerChannel) folded.batch = 1;
  folded.in_height = folded.out_height = 1;
  folded.in_width = folded.out_width = shape.batch / folded.batch * shape.in_height * shape.in_width;
  const std::int64_t as_map = shape.batch * ceil_div(shape.out_height, engine.array.patch_rows) *
                              ceil_div(shape.out_width, engine.array.patch_columns);
  if (folded.batch * ceil_div(folded.out_width, engine.patch_pixels()) >= as_map) return std::nullopt;
  return folded;
}

// One of the groups that come one after the other. `tokens` says whether its pixels were folded.
PatchCut uncut(const Subgraph& subgraph, const engine::EngineConfig& engine, bool& tokens) {
  const std::optional<SubgraphShape> folded = folded_tokens(subgraph.shape, engine);
  tokens = folded.has_value();
  PatchCut cut;
  SubgraphShape& s = cut.group.shape;
  s = folded ? *folded : subgraph.shape;
  cut.group.context = subgraph.context;
  cut.groups = groups_in_turn(s, array_work(s, engine), engine);
  s.in_channels /= cut.groups;
  s.out_channels /= cut.groups;
  s.groups /= cut.groups;
  return cut;
}

}  // namespace

PatchCut patch_cut(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  bool tokens = false;
  PatchCut cut = uncut(subgraph, engine, tokens);
  cut.choice = choose_patches(TileProblem(cut.group, engine), tokens);
  const SubgraphShape shape = cut.group.shape;
  cut.group = subgraph;
  cut.group.shape = shape;
  return cut;
}

bool patch_fits(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  bool tokens = false;
  const PatchCut cut = uncut(subgraph, engine, tokens);
  const TileProblem problem(cut.group, engine);
  TileChoice choice;
  take_channels(problem, choice);
  choice.rows = choice.columns = 1;
  return has_room(problem, choice);
}

}  // namespace lanewise::mapping
