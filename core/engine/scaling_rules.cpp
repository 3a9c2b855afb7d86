// SPDX-License-Identifier: Apache-2.0
#include "core/engine/scaling_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/quantity_text.hpp"

namespace lanewise::engine {
namespace {

// The smallest usual window: 3 x 3.
constexpr std::int64_t kWindowTaps = 9;

std::int64_t up(double value) { return static_cast<std::int64_t>(std::ceil(value - 1e-9)); }

// "needed / given" as people read it, and the warning where more is needed.
std::optional<ScalingWarning> warning(std::vector<std::string> keys, double needed, double given,
                                      const std::string& message) {
  constexpr double kWorthSaying = 1.01;  // less is rounding, or what a fit ends with
  if (!(needed > given * kWorthSaying) || !(given > 0)) return std::nullopt;
  const double ratio = needed / given;
  return ScalingWarning{std::move(keys), ratio, fmt::format("{} (short by a factor of {:.3g})", message, ratio)};
}

// Weights that a dot product takes in at once, in bytes of int8.
std::int64_t operands_at_once(const EngineConfig& config) {
  return config.array.dot_product_lanes * config.array.taps_at_once;
}

std::int64_t sums_held(const EngineConfig& config) {
  return config.accumulators.size.count() * 8 / config.accumulators.bits;
}

// Pixels of the longest stripe: mapping::array_work has the same.
std::int64_t stripe_pixels(const EngineConfig& config) {
  const std::int64_t credits = std::max<std::int64_t>(1, sums_held(config) / config.array.parallelism_factor);
  const std::int64_t half = std::max<std::int64_t>(1, credits / 2);
  return std::min(credits, config.array.longest_stripe > 0 ? config.array.longest_stripe : half);
}

// A block lasts as long as its stripe of pixels, but no less than loading the next one's weights.
std::optional<ScalingWarning> stripes_hide_weight_loading(const EngineConfig& config) {
  if (config.patch_pixels() > 0) return std::nullopt;
  const EngineConfig::Array& array = config.array;
  const std::int64_t stripe = stripe_pixels(config);
  const std::int64_t load = ceil_div(array.parallelism_factor, array.weight_load_kernels_per_cycle);
  const std::int64_t kernels = ceil_div(array.parallelism_factor, stripe);
  // Twice the stripe where the accumulators choose it.
  const std::int64_t pixels = array.longest_stripe > 0 ? load : 2 * load;
  const Bytes size(ceil_div(pixels * array.parallelism_factor * config.accumulators.bits, 8));
  return warning(
      {"engine.weight_load_kernels_per_cycle", "accumulators.size", "engine.longest_stripe"}, as_double(load),
      as_double(stripe),
      fmt::format(
          "engine.parallelism_factor {} at engine.weight_load_kernels_per_cycle {} takes {} cycles to "
          "load a block's weights, but the longest stripe that accumulators.size {} {} lasts {}: "
          "weight loading binds whatever the layer; set engine.weight_load_kernels_per_cycle to {} "
          "or more, or accumulators.size to {}{}",
          array.parallelism_factor, array.weight_load_kernels_per_cycle, load, to_text(config.accumulators.size),
          array.longest_stripe > 0 ? fmt::format("and engine.longest_stripe {} allow", array.longest_stripe) : "holds",
          stripe, kernels, to_text(size),
          array.longest_stripe > 0 ? fmt::format(" and engine.longest_stripe to {}", load) : ""));
}

// Every cycle the array reads so many bytes of one pixel, in the slots of the banks that it has.
std::optional<ScalingWarning> banks_feed_the_lanes(const EngineConfig& config) {
  if (config.patch_pixels() > 0) return std::nullopt;  // a patch sees each byte many times
  const double share = config.post_processor_reads_banks() ? 0.5 : 1;
  const double needed = as_double(operands_at_once(config));
  const double given = config.activation_bandwidth().count() * share;
  return warning(
      {"memory.bank_bandwidth", "memory.activation_banks"}, needed, given,
      fmt::format(
          "engine.dot_product_lanes {}{} reads {} B/cycle, but memory.activation_banks {} x memory.bank_bandwidth "
          "{} give the array {}; set memory.bank_bandwidth to {} or more",
          config.array.dot_product_lanes,
          config.array.taps_at_once > 1 ? fmt::format(" x engine.taps_at_once {}", config.array.taps_at_once) : "",
          needed, config.memory.activation_banks, to_text(config.memory.bank_bandwidth), to_text(BytesPerCycle(given)),
          to_text(BytesPerCycle(std::ceil(needed / share / as_double(config.memory.activation_banks))))));
}

std::optional<ScalingWarning> banks_feed_weight_loading(const EngineConfig& config) {
  if (config.memory.resident_weights) return std::nullopt;
  const double needed = as_double(config.array.weight_load_kernels_per_cycle * operands_at_once(config));
  const double given = config.weight_bandwidth().count();
  return warning(
      {"memory.bank_bandwidth", "memory.weight_banks"}, needed, given,
      fmt::format(
          "engine.weight_load_kernels_per_cycle {} x engine.dot_product_lanes {}{} takes {} B/cycle of weights, "
          "but memory.weight_banks {} x memory.bank_bandwidth {} give {}; set memory.weight_banks to {} or "
          "more, or memory.bank_bandwidth to {}",
          config.array.weight_load_kernels_per_cycle, config.array.dot_product_lanes,
          config.array.taps_at_once > 1 ? fmt::format(" x engine.taps_at_once {}", config.array.taps_at_once) : "",
          needed, config.memory.weight_banks, to_text(config.memory.bank_bandwidth), to_text(BytesPerCycle(given)),
          up(needed / config.memory.bank_bandwidth.count()),
          to_text(BytesPerCycle(std::ceil(needed / as_double(config.memory.weight_banks))))));
}

// A 3 x 3 window over one block of channels, the least that a spatial convolution does for a pixel of sums.
std::optional<ScalingWarning> post_processor_keeps_up(const EngineConfig& config) {
  if (config.patch_pixels() > 0) return std::nullopt;
  const EngineConfig::Array& array = config.array;
  const std::int64_t overhead = config.post_processing.atom_overhead.count();
  const std::int64_t atom = ceil_div(array.parallelism_factor, config.post_processing.width) + overhead;
  const std::int64_t window = ceil_div(kWindowTaps, array.taps_at_once);
  const std::int64_t room = std::max<std::int64_t>(1, window - overhead);
  return warning(
      {"post_processing.width"}, as_double(atom), as_double(window),
      fmt::format("post_processing.width {} takes {} cycles for a pixel of engine.parallelism_factor {} sums, "
                  "but a 3x3 window over one block of channels has them done in {}; set "
                  "post_processing.width to {} or more",
                  config.post_processing.width, atom, array.parallelism_factor, window,
                  ceil_div(array.parallelism_factor, room)));
}

// Little's law: what is under way covers bandwidth x latency.
std::optional<ScalingWarning> requests_cover_the_latency(const EngineConfig& config) {
  const double bandwidth = config.dram_bandwidth().count();
  const bool streams = config.streams();
  const double latency = as_double(config.dram_latency()) + (streams ? as_double(config.dram.outstanding_return) : 0.0);
  const std::int64_t unit = streams ? config.dram.word.count() : config.dram.burst.count() * config.dma.load_channels;
  const std::int64_t requests = streams ? config.dram.outstanding_beats : config.dram.outstanding_requests;
  const char* const key = streams ? "dram.outstanding_beats" : "dram.outstanding_requests";
  const double needed = bandwidth * latency, given = as_double(requests * unit);
  const std::string each = streams ? fmt::format("dram.word {}", to_text(config.dram.word))
                                   : fmt::format("dram.burst {} x dma.load_channels {}", to_text(config.dram.burst),
                                                 config.dma.load_channels);
  return warning(
      {key}, needed, given,
      fmt::format("dram.bandwidth {} and dram.latency {} need {} B under way, but {} {} x {} are {} B; set {} "
                  "to {} or more",
                  to_text(config.dram.bandwidth), to_text(config.dram.latency), up(needed), key, requests, each,
                  requests * unit, key, up(needed / as_double(unit))));
}

// Streams: a port that is slower than the memory behind it.
std::optional<ScalingWarning> port_takes_the_bandwidth(const EngineConfig& config) {
  if (!config.streams()) return std::nullopt;
  const double given = config.dram_bandwidth().count();
  const double needed = config.dram.bandwidth.count() / config.array.clock.count();
  return warning(
      {"dram.word", "dram.read_interval_cycles"}, needed, given,
      fmt::format("dram.bandwidth {} at engine.clock {} brings {:.4g} B/cycle, but the port of dram.word {} and "
                  "dram.read_interval_cycles {} takes {:.4g}; set dram.word to {} or more, or dram.bandwidth "
                  "to {}",
                  to_text(config.dram.bandwidth), to_text(config.array.clock), needed, to_text(config.dram.word),
                  config.dram.read_interval.count(), given,
                  to_text(Bytes(up(needed * as_double(config.dram.read_interval)))),
                  to_text(BytesPerSecond(given * config.array.clock.count()))));
}

// The weights of one group of a 3 x 3 window over one block of channels, twice: the next are loaded meanwhile.
std::optional<ScalingWarning> weight_banks_hold_two_groups(const EngineConfig& config) {
  if (config.memory.resident_weights) return std::nullopt;
  const std::int64_t taps = std::max(kWindowTaps, config.array.taps_at_once);
  const std::int64_t needed = 2 * config.array.parallelism_factor * config.array.dot_product_lanes * taps;
  return warning(
      {"memory.bank_size", "memory.weight_banks"}, as_double(needed), as_double(config.weight_capacity()),
      fmt::format("engine.parallelism_factor {} x engine.dot_product_lanes {} has {} of weights in two blocks of "
                  "3x3 windows, but memory.weight_banks {} x memory.bank_size {} hold {}; set "
                  "memory.weight_banks to {} or more",
                  config.array.parallelism_factor, config.array.dot_product_lanes, to_text(Bytes(needed)),
                  config.memory.weight_banks, to_text(config.memory.bank_size), to_text(config.weight_capacity()),
                  ceil_div(needed, config.memory.bank_size.count())));
}

using Rule = std::optional<ScalingWarning> (*)(const EngineConfig&);

constexpr Rule kRules[] = {stripes_hide_weight_loading,  banks_feed_weight_loading, banks_feed_the_lanes,
                           weight_banks_hold_two_groups, post_processor_keeps_up,   requests_cover_the_latency,
                           port_takes_the_bandwidth};

}  // namespace

std::vector<ScalingWarning> scaling_warnings(const EngineConfig& config) {
  std::vector<ScalingWarning> warnings;
  for (const Rule rule : kRules) {
    if (auto found = rule(config)) warnings.push_back(std::move(*found));
  }
  return warnings;
}

}  // namespace lanewise::engine
