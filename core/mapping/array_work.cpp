// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/array_work.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/network/operator_traits.hpp"

namespace lanewise::mapping {
namespace {

double rate_of(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  const Precision wider =
      bits(shape.input_precision) >= bits(shape.weight_precision) ? shape.input_precision : shape.weight_precision;
  const double rate = engine.array.precision_rate[static_cast<std::size_t>(wider)];
  if (rate <= 0) {
    throw Error("engine " + engine.name + " has no rate for " + to_string(wider) + " (engine.precision_rate." +
                to_string(wider) + " is 0), which a " + to_string(shape.family) + " pass needs");
  }
  return rate;
}

// Words of weights that a block of one output takes: one, or its bits a few at a time. Sets of taps that the kernel
// leaves idle take further bits.
double weight_words(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  const engine::EngineConfig::Array& array = engine.array;
  if (array.serial_weight_bits == 0) return 1;
  const std::int64_t taps = shape.window.kernel[0] * shape.window.kernel[1];
  const std::int64_t sets = std::max<std::int64_t>(1, array.taps_at_once / taps);
  return static_cast<double>(ceil_div(bits(shape.weight_precision), array.serial_weight_bits * sets));
}

// Cycles that a group of `width` elements takes.
std::int64_t special_factor(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  const bool special =
      !network::traits_of(shape.activation).piecewise_linear || shape.family == SubgraphFamily::kNormalization;
  return special ? engine.post_processing.special_function_cycles.count() : 1;
}

// Where the decoder lies between banks and array, a block's next weights come no faster than it gives them.
void decode_behind_banks(const SubgraphShape& shape, const engine::EngineConfig& engine, ArrayWork& work) {
  if (!work.storage.on_chip) return;
  const double rate = static_cast<double>(engine.compression.weights_per_cycle);
  const double decode = work.storage.decoded * weights_of_block(shape, work) / rate;
  work.weight_load_cycles = std::max(work.weight_load_cycles, decode);
  work.cycles_per_kernel = std::max(work.cycles_per_kernel, decode / static_cast<double>(work.outputs_per_group));
}

}  // namespace

ArrayWork array_work(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  const std::int64_t dots = engine.array.parallelism_factor;
  const std::int64_t lanes = engine.array.dot_product_lanes;
  const std::int64_t taps = shape.window.kernel[0] * shape.window.kernel[1];
  const std::int64_t in_share = shape.in_channels / shape.groups;
  const std::int64_t out_share = shape.out_channels / shape.groups;

  ArrayWork work;
  work.weight_words = weight_words(shape, engine);
  work.cycles_per_block = work.weight_words * engine.array.weight_word / rate_of(shape, engine);
  bool lanes_share_groups = false;  // or hold the taps of one channel
  work.block_channels = lanes;
  work.tap_blocks = ceil_div(taps, engine.array.taps_at_once);
  work.patch_pixels = engine.patch_pixels();
  work.run_pixels = engine.array.run_pixels;
  work.shortest_run = engine.array.shortest_run;
  work.run_overhead = engine.array.run_overhead;
  work.outputs_at_once = engine.array.outputs_at_once;
  work.input_follows_output = shape.groups > 1;
  if (shape.groups == 1) {
    work.outputs_per_group = std::min(dots, shape.out_channels);
    work.groups = ceil_div(shape.out_channels, dots);
    work.blocks = work.tap_blocks * ceil_div(shape.in_channels, lanes);
  } else if (in_share == 1 && engine.array.depthwise == engine::DepthwiseMapping::kNative) {
    work.outputs_per_group = std::min(dots, shape.out_channels);
    work.groups = ceil_div(shape.out_channels, dots);
    // Taps lie across the lanes, or have places of their own.
    work.blocks = engine.array.taps_at_once > 1 ? work.tap_blocks : ceil_div(taps, lanes);
    work.outputs_at_once = 0;
    work.preparation = engine.array.depthwise_preparation;
    lanes_share_groups = true;
  } else if (shares_lanes(shape, engine)) {
    // Every dot product sees the same lanes, so small groups share them block-diagonally.
    const std::int64_t together = std::min({dots / out_share, lanes / in_share, shape.groups});
    work.outputs_per_group = together * out_share;
    work.groups = ceil_div(shape.groups, together);
    work.blocks = work.tap_blocks;
    lanes_share_groups = true;
  } else {
    work.outputs_per_group = std::min(dots, out_share);
    work.groups = shape.groups * ceil_div(out_share, dots);
    work.blocks = work.tap_blocks * ceil_div(in_share, lanes);
  }
  // Partly filled groups take as long: all dot products are loaded.
  work.weight_load_cycles = static_cast<double>(ceil_div(dots, engine.array.weight_load_kernels_per_cycle));
  work.cycles_per_kernel = 1.0 / static_cast<double>(engine.array.weight_load_kernels_per_cycle);
  const std::int64_t sums = engine.accumulators.size.count() * 8 / engine.accumulators.bits;
  work.credits = std::max<std::int64_t>(1, sums / dots);
  const auto or_half = [](std::int64_t given, std::int64_t of) {
    return given > 0 ? given : std::max<std::int64_t>(1, of / 2);
  };
  work.stripe_pixels = work.patch_pixels > 0
                           ? work.patch_pixels
                           : std::min(work.credits, or_half(engine.array.longest_stripe, work.credits));
  work.second_stripe = std::min(work.stripe_pixels, or_half(engine.array.second_stripe, work.stripe_pixels));
  work.post_width = engine.post_processing.width;
  work.post_turn = special_factor(shape, engine);
  work.post_overhead = engine.post_processing.atom_overhead.count();
  work.atom_cycles = ceil_div(dots, work.post_width) * work.post_turn + work.post_overhead;
  if (!lanes_share_groups) skip_zeros(shape, engine, work);
  work.storage = weight_storage(shape, engine, work);
  decode_behind_banks(shape, engine, work);
  return work;
}

bool shares_lanes(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  if (!shape.uses_array() || shape.groups == 1) return false;
  const std::int64_t in_share = shape.in_channels / shape.groups, out_share = shape.out_channels / shape.groups;
  if (in_share == 1 && engine.array.depthwise == engine::DepthwiseMapping::kNative) return false;
  return out_share <= engine.array.parallelism_factor && in_share <= engine.array.dot_product_lanes;
}

bool loads_weights(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  return shape.uses_array() && (!engine.memory.resident_weights || shape.family == SubgraphFamily::kMatMul);
}

bool loads_weights(const Subgraph& subgraph, const engine::EngineConfig& engine) {
  return !subgraph.context.weights_on_chip && loads_weights(subgraph.shape, engine);
}

std::int64_t stripe_length(const ArrayWork& work, std::int64_t left) {
  if (work.patch_pixels > 0) return std::min(left, work.stripe_pixels);
  if (left >= 2 * work.stripe_pixels) return work.stripe_pixels;
  return left <= work.stripe_pixels ? left : work.second_stripe;
}

double weights_of_block(const SubgraphShape& shape, const ArrayWork& work) {
  const std::int64_t kernel = shape.in_channels / shape.groups * shape.window.kernel[0] * shape.window.kernel[1];
  return static_cast<double>(work.outputs_per_group * kernel) / static_cast<double>(work.blocks);
}

namespace {

// Of pixels that lie in rows of `columns` and are taken in runs, each of which ends with its row.
double cycles_of_runs(const ArrayWork& work, std::int64_t pixels, std::int64_t columns) {
  const auto run = [&](std::int64_t length) {
    return std::max(work.shortest_run, static_cast<double>(length) * work.cycles_per_block + work.run_overhead);
  };
  const auto row = [&](std::int64_t length) {
    const std::int64_t rest = length % work.run_pixels;
    return static_cast<double>(length / work.run_pixels) * run(work.run_pixels) + (rest > 0 ? run(rest) : 0.0);
  };
  const std::int64_t width = columns > 0 ? std::min(columns, pixels) : pixels;
  return static_cast<double>(pixels / width) * row(width) + row(pixels % width);
}

}  // namespace

double block_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t outputs, std::int64_t columns) {
  if (work.run_pixels > 0 && work.patch_pixels == 0 && pixels > 0) {
    return cycles_of_runs(work, pixels, columns) + work.block_overhead;
  }
  const std::int64_t turns = work.patch_pixels > 0 ? ceil_div(pixels, work.patch_pixels) : pixels;
  const std::int64_t rounds = work.outputs_at_once > 0 ? ceil_div(outputs, work.outputs_at_once) : 1;
  return static_cast<double>(turns * rounds) * work.cycles_per_block + work.block_overhead;
}

std::int64_t drain_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t outputs) {
  if (work.patch_pixels == 0) return pixels * work.atom_cycles;
  return ceil_div(pixels, work.patch_pixels) *
         (ceil_div(outputs, work.post_width) * work.post_turn + work.post_overhead);
}

double group_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t blocks, std::int64_t columns) {
  const double load = work.weight_load_cycles;
  const auto block = [&](std::int64_t length) {
    return std::max(block_cycles(work, length, work.outputs_per_group, columns), load);
  };
  double cycles = 0;
  std::int64_t left = pixels;
  if (left >= 2 * work.stripe_pixels) {
    const std::int64_t longest = left / work.stripe_pixels - 1;
    cycles = static_cast<double>(longest) * block(work.stripe_pixels);
    left -= longest * work.stripe_pixels;
  }
  while (left > 0) {
    const std::int64_t length = stripe_length(work, left);
    cycles += block(length);
    left -= length;
  }
  return static_cast<double>(blocks) * cycles;
}

double post_cycles(const SubgraphShape& shape, const engine::EngineConfig& engine, std::int64_t elements) {
  if (shape.family == SubgraphFamily::kHost) {
    // The call's own cycles are spread over its elements, so that tiles add up to the subgraph.
    const double call = static_cast<double>(engine.host.per_pass.count()) / static_cast<double>(shape.post_elements());
    return static_cast<double>(elements) * (static_cast<double>(engine.host.per_element.count()) + call);
  }
  return std::ceil(static_cast<double>(elements) / static_cast<double>(engine.post_processing.width)) *
         static_cast<double>(special_factor(shape, engine));
}

Cycles alone_latency(const SubgraphShape& shape, const engine::EngineConfig& engine) {
  switch (shape.family) {
    case SubgraphFamily::kPooling:
    case SubgraphFamily::kReduction:
    case SubgraphFamily::kResize:
      return engine.post_processing.pooling_latency;
    case SubgraphFamily::kNormalization:
      return engine.post_processing.normalization_latency;
    default:
      return engine.post_processing.elementwise_latency;
  }
}

}  // namespace lanewise::mapping
