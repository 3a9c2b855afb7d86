// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/cliff_points.hpp"

#include <algorithm>

#include "core/mapping/array_work.hpp"
#include "study/campaign/made_pass.hpp"

namespace lanewise::study {
namespace {

using mapping::PassFamily;
using mapping::PassShape;

constexpr int kBitsAByte = 8;

// The multiple of `step` nearest to `value`, one less or one more; at least 1.
std::int64_t around_multiple(std::int64_t value, std::int64_t step, Random& random) {
  const std::int64_t multiple = std::max<std::int64_t>(1, (value + step / 2) / step) * step;
  return std::max<std::int64_t>(1, multiple + random.between(-1, 1));
}

bool has_dense_weights(const PassShape& shape) {
  return shape.family == PassFamily::kConvolution || shape.family == PassFamily::kFullyConnected;
}

// What has one output channel for each input channel keeps it so.
bool channels_follow(const PassShape& shape) {
  return shape.family == PassFamily::kDepthwise || shape.family == PassFamily::kPooling ||
         shape.family == PassFamily::kElementwise || shape.family == PassFamily::kNormalization;
}

bool set_channels(PassShape& shape, std::int64_t channels) {
  if (shape.in_channels != shape.out_channels) return false;
  shape.in_channels = shape.out_channels = channels;
  if (shape.family == PassFamily::kDepthwise) shape.groups = channels;
  return true;
}

bool move_in_channels(PassShape& shape, const engine::EngineConfig& engine, Random& random) {
  const std::int64_t channels = around_multiple(shape.in_channels, engine.array.dot_product_lanes, random);
  if (channels_follow(shape)) return set_channels(shape, channels);
  if (!has_dense_weights(shape)) return false;
  shape.in_channels = channels;
  return true;
}

bool move_out_channels(PassShape& shape, const engine::EngineConfig& engine, Random& random) {
  const std::int64_t channels = around_multiple(shape.out_channels, engine.array.parallelism_factor, random);
  if (channels_follow(shape)) return set_channels(shape, channels);
  if (!has_dense_weights(shape)) return false;
  shape.out_channels = channels;
  return true;
}

bool move_banks(PassShape& shape, const engine::EngineConfig& engine, Random& random) {
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

bool move_weight_memory(PassShape& shape, const engine::EngineConfig& engine, Random& random) {
  if (!has_dense_weights(shape)) return false;
  const std::int64_t one =
      shape.in_channels * shape.window.kernel[0] * shape.window.kernel[1] * bits(shape.weight_precision);
  const std::int64_t room = engine.weight_capacity().count() * kBitsAByte / (random.chance(0.5) ? 1 : 2);
  shape.out_channels = room / one + (random.chance(0.5) ? 0 : 1);
  return shape.out_channels >= 1;
}

bool move_accumulators(PassShape& shape, const engine::EngineConfig& engine, Random& random) {
  if (!shape.uses_array() || shape.pooled) return false;
  const std::int64_t stripe = mapping::array_work(shape, engine).stripe_pixels;
  const std::int64_t pixels = stripe * random.between(1, 4);
  const std::int64_t rows = pixels / shape.out_width + (random.chance(0.5) ? 0 : 1);
  if (rows < 1) return resize_map(shape, 1, pixels * shape.in_width / shape.out_width);
  return resize_map(shape, 0, rows * std::max<std::int64_t>(1, shape.in_height / shape.out_height));
}

bool move(PassShape& shape, Cliff cliff, const engine::EngineConfig& engine, Random& random) {
  switch (cliff) {
    case Cliff::kInChannels:
      return move_in_channels(shape, engine, random);
    case Cliff::kOutChannels:
      return move_out_channels(shape, engine, random);
    case Cliff::kBanks:
      return move_banks(shape, engine, random);
    case Cliff::kWeightMemory:
      return move_weight_memory(shape, engine, random);
    case Cliff::kAccumulators:
      return move_accumulators(shape, engine, random);
    case Cliff::kContext:
      return engine.keeps_activations();
  }
  return false;
}

}  // namespace

std::optional<mapping::Subgraph> move_to_cliff(const mapping::Subgraph& from, Cliff cliff,
                                               const engine::EngineConfig& engine, Random& random) {
  if (from.shape.family == PassFamily::kHost) return std::nullopt;
  mapping::Subgraph pass;
  pass.shape = from.shape;
  pass.context = from.context;
  const std::int64_t before = banks_of_own(pass, engine);
  if (!move(pass.shape, cliff, engine, random)) return std::nullopt;
  if (cliff == Cliff::kContext) {
    draw_context(pass, engine, random);
  } else {
    refit_context(pass, engine, before);
  }
  if (!is_worth_measuring(pass, engine)) return std::nullopt;
  return pass;
}

}  // namespace lanewise::study
