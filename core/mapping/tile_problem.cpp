// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/tile_problem.hpp"

#include <algorithm>
#include <utility>

namespace lanewise::mapping {
namespace {

// Of a batch of single pixels each is as good as a pixel of one map: weights are used for all of them.
void fold_batch(SubgraphShape& shape) {
  const auto one = [](const std::int64_t(&sizes)[2]) { return sizes[0] == 1 && sizes[1] == 1; };
  const std::int64_t in[2] = {shape.in_height, shape.in_width}, out[2] = {shape.out_height, shape.out_width};
  const bool pointwise =
      shape.uses_array() && shape.groups == 1 && !shape.pooled && shape.window.kernel[0] * shape.window.kernel[1] == 1;
  if (shape.batch == 1 || !pointwise || !one(in) || !one(out)) return;
  if (shape.operand == FusedOperand::kPerChannel) return;  // one value per channel and image
  std::swap(shape.batch, shape.in_width);
  shape.out_width = shape.in_width;
}

// Whether every element of the subgraph's channels is needed for each output channel, off the array.
bool needs_all_channels(SubgraphFamily family) { return family == SubgraphFamily::kNormalization; }

}  // namespace

TileProblem::TileProblem(const Subgraph& subgraph, const engine::EngineConfig& engine_config)
    : TileProblem(subgraph.shape, subgraph.context, engine_config, 1) {}

TileProblem TileProblem::of_one_group(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  SubgraphShape shape = subgraph.shape;
  shape.in_channels /= shape.groups;
  shape.out_channels /= shape.groups;
  const std::int64_t groups = shape.groups;
  shape.groups = 1;
  return {shape, subgraph.context, engine, groups};
}

TileProblem::TileProblem(const SubgraphShape& of_shape, const SubgraphContext& of_context,
                         const engine::EngineConfig& engine_config, std::int64_t times)
    : shape(of_shape), repeats(times), context(of_context), engine(engine_config) {
  fold_batch(shape);
  const std::int64_t free_banks = engine.memory.activation_banks - context.resident_banks;
  activation_room = std::max<std::int64_t>(0, free_banks) * engine.memory.bank_size.count();
  weight_room = engine.weight_capacity().count();
  loads_weights = !context.weights_on_chip && mapping::loads_weights(shape, engine);
  weights_stay = shape.uses_array() && context.resident_weight_banks > 0;
  if (weights_stay) weight_room = onchip_weight_bytes(shape, engine).count();
  if (!shape.uses_array()) {
    follows = true;
    // Surfaces of channels where there is room; a reduction needs a whole map at once, so single channels if need be.
    channel_unit = needs_all_channels(shape.family) ? shape.out_channels
                   : shape.family == SubgraphFamily::kReduction
                       ? 1
                       : std::min(engine.array.dot_product_lanes, shape.out_channels);
    return;
  }
  work = array_work(shape, engine);
  follows = work.input_follows_output;
  channel_unit = work.outputs_per_group;
  const std::int64_t out_share = shape.out_channels / shape.groups;
  if (follows && work.outputs_per_group < out_share) {  // a group of the convolution takes several of the array
    channel_unit = out_share;
    groups_per_unit = ceil_div(out_share, work.outputs_per_group);
  }
}

std::int64_t TileProblem::input_channels(std::int64_t outputs, std::int64_t reduction) const {
  return follows ? ceil_div(outputs * shape.in_channels, shape.out_channels) : reduction;
}

std::int64_t TileProblem::tile_weights(std::int64_t outputs, std::int64_t reduction) const {
  const std::int64_t share = follows ? shape.in_channels / shape.groups : reduction;
  return outputs * share * taps();
}

std::int64_t TileProblem::weight_tile_bytes(std::int64_t outputs, std::int64_t reduction) const {
  if (!shape.uses_array()) return 0;
  return work.storage.onchip_bytes(tile_weights(outputs, reduction), shape.bias ? outputs : 0, shape.weight_precision);
}

std::int64_t TileProblem::stored_tile_bytes(std::int64_t outputs, std::int64_t reduction) const {
  if (!shape.uses_array()) return 0;
  return work.storage.stored_bytes(tile_weights(outputs, reduction), shape.bias ? outputs : 0, shape.weight_precision);
}

std::int64_t TileProblem::input_tile_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels) const {
  return packed_bytes(rows * columns * channels * shape.inputs, shape.input_precision).count();
}

std::int64_t TileProblem::output_tile_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels) const {
  return packed_bytes(rows * columns * channels, shape.output_precision).count();
}

std::int64_t TileProblem::sums_bytes(std::int64_t conv_pixels, std::int64_t outputs) const {
  return ceil_div(conv_pixels * outputs * engine.accumulators.bits, 8);
}

std::int64_t TileProblem::operand_tile_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels) const {
  switch (shape.operand) {
    case FusedOperand::kNone:
      return 0;
    case FusedOperand::kTensor:
      return output_tile_bytes(rows, columns, channels);
    case FusedOperand::kPerChannel:
      return shape.operand_bytes().count();  // all of it, fetched once
  }
  return 0;
}

std::int64_t TileProblem::patch_input_pixels(std::int64_t rows, std::int64_t columns) const {
  // Rows or columns between the taps of dilated kernels are passed over.
  const auto touched = [&](std::int64_t outputs, int axis) {
    const network::Window& w = shape.window;
    const std::int64_t extent = (outputs - 1) * w.stride[axis] + (w.kernel[axis] - 1) * w.dilation[axis] + 1;
    return std::min(extent, outputs * w.kernel[axis]);
  };
  return touched(rows, 0) * touched(columns, 1);
}

std::int64_t TileProblem::pixel_bytes(std::int64_t channels, Precision precision) const {
  return round_up(packed_bytes(channels, precision).count(), engine.dram.burst.count());
}

std::int64_t TileProblem::burst_bytes(std::int64_t rows, std::int64_t columns, std::int64_t channels,
                                      std::int64_t map_width, Precision precision) const {
  const std::int64_t burst = engine.dram.burst.count();
  const std::int64_t surface = engine.array.dot_product_lanes;
  const bool whole_rows = columns == map_width;
  const std::int64_t pixels = whole_rows ? rows * columns : columns;
  const auto run = [&](std::int64_t depth) { return round_up(packed_bytes(pixels * depth, precision).count(), burst); };
  const std::int64_t last = channels % surface;
  return (whole_rows ? 1 : rows) * (channels / surface * run(surface) + (last > 0 ? run(last) : 0));
}

double read_rate(const engine::EngineConfig& engine) {
  const double latency = as_double(engine.dram_latency()), bandwidth = engine.dram_bandwidth().count();
  const double in_flight = as_double(engine.dram.outstanding_requests * engine.dram.burst.count());
  return latency > 0 ? std::min(bandwidth, in_flight / latency) : bandwidth;
}

bool groups_stand_alone(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  if (shape.groups == 1 || !shape.uses_array()) return false;
  const std::int64_t in_share = shape.in_channels / shape.groups, out_share = shape.out_channels / shape.groups;
  if (in_share == 1 && engine.array.depthwise == engine::DepthwiseMapping::kNative) return false;
  return out_share > engine.array.parallelism_factor || in_share > engine.array.dot_product_lanes;
}

Bytes resident_bytes(const SubgraphContext& context, const engine::EngineConfig& engine) {
  return engine.memory.bank_size * (context.resident_banks + context.resident_weight_banks);
}

}  // namespace lanewise::mapping
