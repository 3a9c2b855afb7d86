// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/boundary_shapes.hpp"

#include <algorithm>

#include "core/mapping/array_work.hpp"
#include "study/campaign/synthetic_subgraph.hpp"

namespace lanewise::study {
namespace {

using mapping::SubgraphFamily;
using mapping::SubgraphShape;

constexpr int kBitsAByte = 8;

// The multiple of `step` nearest to `value`, one less or one more; at least 1.
std::int64_t around_multiple(std::int64_t value, std::int64_t step, Random& random) {
  const std::int64_t multiple = std::max<std::int64_t>(1, (value + step / 2) / step) * step;
  return std::max<std::int64_t>(1, multiple + random.between(-1, 1));
}

bool has_dense_weights(const SubgraphShape& shape) {
  return shape.family == SubgraphFamily::kConvolution || shape.family == SubgraphFamily::kFullyConnected;
}

// What has one output channel for each input channel keeps it so.
bool channels_follow(const SubgraphShape& shape) {
  return shape.family == SubgraphFamily::kDepthwise || shape.family == SubgraphFamily::kPooling ||
         shape.family == SubgraphFamily::kElementwise || shape.family == SubgraphFamily::kNormalization;
}

bool set_channels(SubgraphShape& shape, std::int64_t channels) {
  if (shape.in_channels != shape.out_channels) return false;
  shape.in_channels = shape.out_channels = channels;
  if (shape.family == SubgraphFamily::kDepthwise) shape.groups = channels;
  return true;
}

bool move_in_channels(SubgraphShape& shape, const engine::EngineConfig& engine, Random& random) {
  const std::int64_t channels = around_multiple(shape.in_channels, engine.array.dot_product_lanes, random);
  if (channels_follow(shape)) return set_channels(shape, channels);
  if (!has_dense_weights(shape)) return false;
  shape.in_channels = channels;
  return true;
}

bool move_out_channels(SubgraphShape& shape, const engine::EngineConfig& engine, Random& random) {
  const std::int64_t channels = around_multiple(shape.out_channels, engine.array.parallelism_factor, random);
  if (channels_follow(shape)) return set_channels(shape, channels);
  if (!has_dense_weights(shape)) return false;
  shape.out_channels = channels;
  return true;
}

bool move_banks(SubgraphShape& shape, const engine::EngineConfig& engine, Random& random) {
  const bool input = random.chance(0.5);
  const std::int64_t rows = input ? shape.in_height : shape.out_height;
  const std::int64_t row = (input ? shape.input_bytes() : shape.output_bytes()).count() / rows;
  if (row < 1) return false;
  const std::int64_t all = engine.memory.activation_banks;
  const std::int64_t banks = random.pick(std::vector<std::int64_t>{all, ceil_div(all, 2), random.between(1, all)});
  const std::int64_t fitting = engine.memory.bank_size.count() * banks / row + (random.chance(0.5) ? 0 : 1);
  if (input) return resize_map(shape, 0, fitting);
  // Outputs follow from inputs: about as many rows, then one at a time.
  const std::int64_t ratio = std::max<std::int64_t>(1, shape.in_height / std::max<std::int64_t>(1, shape.out_height));
  return resize_map(shape, 0, fitting * ratio);
}

bool move_weight_memory(SubgraphShape& shape, const engine::EngineConfig& engine, Random& random) {
  if (!has_dense_weights(shape)) return false;
  const std::int64_t one =
      shape.in_channels * shape.window.kernel[0] * shape.window.kernel[1] * bits(shape.weight_precision);
  const std::int64_t room = engine.weight_capacity().count() * kBitsAByte / (random.chance(0.5) ? 1 : 2);
  shape.out_channels = room / one + (random.chance(0.5) ? 0 : 1);
  return shape.out_channels >= 1;
}

bool move_accumulators(SubgraphShape& shape, const engine::EngineConfig& engine, Random& random) {
  if (!shape.uses_array() || shape.pooled) return false;
  const std::int64_t stripe = mapping::array_work(shape, engine).stripe_pixels;
  const std::int64_t pixels = stripe * random.between(1, 4);
  const std::int64_t rows = pixels / shape.out_width + (random.chance(0.5) ? 0 : 1);
  if (rows < 1) return resize_map(shape, 1, pixels * shape.in_width / shape.out_width);
  return resize_map(shape, 0, rows * std::max<std::int64_t>(1, shape.in_height / shape.out_height));
}

bool move(SubgraphShape& shape, Boundary boundary, const engine::EngineConfig& engine, Random& random) {
  switch (boundary) {
    case Boundary::kInChannels:
      return move_in_channels(shape, engine, random);
    case Boundary::kOutChannels:
      return move_out_channels(shape, engine, random);
    case Boundary::kBanks:
      return move_banks(shape, engine, random);
    case Boundary::kWeightMemory:
      return move_weight_memory(shape, engine, random);
    case Boundary::kAccumulators:
      return move_accumulators(shape, engine, random);
    case Boundary::kContext:
      return engine.keeps_activations();
  }
  return false;
}

}  // namespace

std::optional<mapping::Subgraph> move_to_boundary(const mapping::Subgraph& from, Boundary boundary,
                                                  const engine::EngineConfig& engine, Random& random) {
  if (from.shape.family == SubgraphFamily::kHost) return std::nullopt;
  mapping::Subgraph subgraph;
  subgraph.shape = from.shape;
  subgraph.context = from.context;
  const std::int64_t before = banks_of_own(subgraph, engine);
  if (!move(subgraph.shape, boundary, engine, random)) return std::nullopt;
  if (boundary == Boundary::kContext) {
    draw_context(subgraph, engine, random);
  } else {
    refit_context(subgraph, engine, before);
  }
  if (!is_worth_measuring(subgraph, engine)) return std::nullopt;
  return subgraph;
}

}  // namespace lanewise::study
