// SPDX-License-Identifier: Apache-2.0
#include "core/engine/cross_rules.hpp"

#include <string>
#include <utility>

#include "core/base/quantity_text.hpp"
#include "core/engine/kinds/engine_kind.hpp"

namespace lanewise::engine {
namespace {

// DMA wins every arbitration for a bank: were DRAM faster than the banks, the other units would never be served.
std::optional<BrokenRule> banks_keep_up_with_dram(const EngineConfig& config, BytesPerCycle banks, const char* what,
                                                  const char* bank_key) {
  if (config.dram_bandwidth() <= banks) return std::nullopt;
  return BrokenRule{{"dram.bandwidth", "memory.bank_bandwidth", bank_key, "engine.clock"},
                    "DRAM brings " + to_text(config.dram_bandwidth()) + " at " + to_text(config.array.clock) +
                        " but the " + what + " banks (" + bank_key + " x memory.bank_bandwidth) take only " +
                        to_text(banks) + ": must be at least as much"};
}

std::optional<BrokenRule> accumulators_hold_two_rounds(const EngineConfig& config) {
  const std::int64_t sums = config.accumulators.size.count() * 8 / config.accumulators.bits;
  const std::int64_t needed = 2 * config.array.parallelism_factor;
  if (sums >= needed) return std::nullopt;
  return BrokenRule{{"accumulators.size", "engine.parallelism_factor", "accumulators.bits"},
                    to_text(config.accumulators.size) + " hold " + std::to_string(sums) + " sums of " +
                        std::to_string(config.accumulators.bits) + " bits: must hold at least 2 x " +
                        "engine.parallelism_factor = " + std::to_string(needed)};
}

std::optional<BrokenRule> patches_are_whole(const EngineConfig& config) {
  const EngineConfig::Array& array = config.array;
  if (array.patch_rows == 0 && array.patch_columns == 0) {
    if (array.weight_word == 1) return std::nullopt;
    return BrokenRule{{"engine.weight_word_cycles", "engine.patch_rows", "engine.patch_columns"},
                      "must be 1 where pixels take turns: their weights stay in the array"};
  }
  if (array.patch_rows == 0 || array.patch_columns == 0) {
    return BrokenRule{{"engine.patch_rows", "engine.patch_columns"},
                      "must both be 0 or both above 0: a patch has rows and columns"};
  }
  return std::nullopt;
}

std::optional<BrokenRule> accumulators_hold_a_patch(const EngineConfig& config) {
  const EngineConfig::Array& array = config.array;
  if (config.patch_pixels() == 0) return std::nullopt;
  const std::int64_t sums = config.accumulators.size.count() * 8 / config.accumulators.bits;
  const std::int64_t needed = config.patch_pixels() * array.parallelism_factor;
  if (sums >= needed) return std::nullopt;
  return BrokenRule{{"accumulators.size", "engine.patch_rows", "engine.patch_columns", "engine.parallelism_factor"},
                    to_text(config.accumulators.size) + " hold " + std::to_string(sums) +
                        " sums: must hold a patch's " +
                        "pixels x engine.parallelism_factor = " + std::to_string(needed)};
}

std::optional<BrokenRule> supported_precisions_have_energy(const EngineConfig& config) {
  for (int i = 0; i < kPrecisionCount; ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (config.array.precision_rate[index] > 0 && !(config.energy.mac[index].count() > 0)) {
      const std::string precision = to_string(static_cast<Precision>(i));
      return BrokenRule{{"energy.mac." + precision, "engine.precision_rate." + precision},
                        "the engine supports " + precision + ", so its energy must be above 0 pJ"};
    }
  }
  return std::nullopt;
}

std::optional<BrokenRule> sparse_weights_can_be_run(const EngineConfig& config) {
  const EngineConfig::Sparsity& sparsity = config.sparsity;
  const Structure structure = sparsity.structured;
  if (!structure.any() && (sparsity.structured_rate != 0 || sparsity.structured_overhead.count() != 0)) {
    return BrokenRule{{"sparsity.structured_rate", "sparsity.structured_overhead_cycles", "sparsity.structured"},
                      "must be 0 where sparsity.structured is none"};
  }
  if (structure.any() && structure.kept > config.array.dot_product_lanes) {
    return BrokenRule{{"sparsity.structured", "engine.dot_product_lanes"},
                      "N = " + std::to_string(structure.kept) + " must be no more than engine.dot_product_lanes = " +
                          std::to_string(config.array.dot_product_lanes)};
  }
  if (structure.any() && sparsity.structured_rate != 0) {
    const double most = static_cast<double>(structure.of) / static_cast<double>(structure.kept);
    if (sparsity.structured_rate < 1 || sparsity.structured_rate > most) {
      return BrokenRule{{"sparsity.structured_rate", "sparsity.structured"},
                        "must be 0, or 1 to M / N = " + number_text(most)};
    }
  }
  if (sparsity.zero_skipping && config.patch_pixels() > 0) {
    return BrokenRule{{"sparsity.zero_skipping", "engine.patch_rows", "engine.patch_columns"},
                      "must be false where patches are computed: all pixels of a patch take the same weight"};
  }
  return std::nullopt;
}

std::optional<BrokenRule> compressed_weights_can_be_kept(const EngineConfig& config) {
  const EngineConfig::Compression& compression = config.compression;
  if (!config.decodes_weights() && compression.on_chip) {
    return BrokenRule{{"compression.on_chip", "compression.zeros", "compression.palette"},
                      "must be false where compression.zeros is none and compression.palette false"};
  }
  if (config.decodes_weights() && config.streams() && !compression.on_chip) {
    return BrokenRule{{"compression.on_chip", "compression.zeros", "compression.palette", "dma.kind"},
                      "must be true where weights come as streams: the banks hold what comes"};
  }
  return std::nullopt;
}

std::optional<BrokenRule> cache_has_a_set(const EngineConfig& config) {
  const EngineConfig::Cache& cache = config.cache;
  const std::int64_t set = cache.ways * cache.line.count();
  if (cache.size.count() > 0 && cache.size.count() < set) {
    return BrokenRule{{"cache.size", "cache.ways", "cache.line"},
                      "must be 0, or at least one set: cache.ways x cache.line = " + std::to_string(set) + " B"};
  }
  return std::nullopt;
}

std::optional<BrokenRule> requests_hold_a_burst(const EngineConfig& config) {
  for (const auto& [key, request] : {std::pair{"dma.load_request", config.dma.load_request},
                                     std::pair{"dma.store_request", config.dma.store_request}}) {
    if (request.count() > 0 && request < config.dram.burst) {
      return BrokenRule{{key, "dram.burst"},
                        "must be 0, or at least dram.burst = " + std::to_string(config.dram.burst.count()) + " B"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<BrokenRule> broken_rule(const EngineConfig& config) {
  if (auto broken =
          banks_keep_up_with_dram(config, config.activation_bandwidth(), "activation", "memory.activation_banks")) {
    return broken;
  }
  if (auto broken = banks_keep_up_with_dram(config, config.weight_bandwidth(), "weight", "memory.weight_banks"))
    return broken;
  if (auto broken = accumulators_hold_two_rounds(config)) return broken;
  if (auto broken = patches_are_whole(config)) return broken;
  if (auto broken = config.kind().broken_rule(config)) return broken;
  if (auto broken = accumulators_hold_a_patch(config)) return broken;
  if (auto broken = sparse_weights_can_be_run(config)) return broken;
  if (auto broken = compressed_weights_can_be_kept(config)) return broken;
  if (auto broken = cache_has_a_set(config)) return broken;
  if (auto broken = requests_hold_a_burst(config)) return broken;
  return supported_precisions_have_energy(config);
}

}  // namespace lanewise::engine
