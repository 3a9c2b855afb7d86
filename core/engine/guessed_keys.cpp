// SPDX-License-Identifier: Apache-2.0
#include "core/engine/guessed_keys.hpp"

#include <algorithm>

#include "core/engine/engine_config.hpp"
#include "core/engine/suggestion.hpp"

namespace lanewise::engine {
namespace {

struct Guess {
  const char* words[6];  // the last parts of keys; unused ones are nullptr
  const char* hint;
};

constexpr const char* kOnChip =
    "on-chip memory is (memory.activation_banks + memory.weight_banks) banks of memory.bank_size";
constexpr Guess kGuesses[] = {
    {{"sram", "sram_size", "onchip", "onchip_size", "scratchpad", "buffer_size"}, kOnChip},
    {{"sram_bytes", "sram_kib", "global_buffer", "l1", "l2", "spm"}, kOnChip},
    {{"activation_memory", "activation_size", "activation_sram", "input_buffer", "output_buffer", "activation_bytes"},
     "memory for activations is memory.activation_banks banks of memory.bank_size"},
    {{"weight_memory", "weight_size", "weight_sram", "weight_buffer", "weight_bytes", nullptr},
     "memory for weights is memory.weight_banks banks of memory.bank_size"},
    {{"sram_bandwidth", "onchip_bandwidth", "bandwidth_sram", "memory_bandwidth", nullptr, nullptr},
     "on-chip bandwidth is banks times memory.bank_bandwidth; that of DRAM is dram.bandwidth"},
    {{"macs", "pes", "num_pes", "mac_units", "macs_per_cycle", "tops"},
     "MACs per cycle are engine.parallelism_factor times engine.dot_product_lanes"},
    {{"array_size", "array", "rows", "columns", "cols", "lanes_per_array"},
     "the array is engine.parallelism_factor dot products of engine.dot_product_lanes lanes"},
    {{"frequency", "freq", "clock_frequency", "clk", "clock_mhz", "mhz"},
     "the clock is engine.clock, with its unit: engine.clock=\"1 GHz\""},
    {{"dram_bandwidth", "bw", "dram_bw", "ddr_bandwidth", nullptr, nullptr},
     "the bandwidth of DRAM is dram.bandwidth, with its unit: dram.bandwidth=\"6.4 GB/s\""},
    {{"batch", "batch_size", nullptr, nullptr, nullptr, nullptr}, "the batch is of the network: --batch N"},
    {{"precision", "dtype", "data_type", nullptr, nullptr, nullptr},
     "the precision is of the network: --precision P; engine.precision_rate.P says how fast each is"},
};

std::string last_part(const std::string& key) {
  std::string part = key.substr(key.rfind('.') + 1);
  std::transform(part.begin(), part.end(), part.begin(), [](char c) {
    if (c == '-' || c == ' ') return '_';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return part;
}

}  // namespace

std::string key_hint(const std::string& key) {
  const std::vector<std::string> known = parameter_keys();
  const std::string part = last_part(key);
  // The whole key without its section is a better guess than any of these: "bandwidth" alone, say.
  for (const std::string& candidate : known) {
    if (last_part(candidate) == part && candidate.find(key) != std::string::npos) return suggestion(key, known);
  }
  for (const Guess& guess : kGuesses) {
    for (const char* word : guess.words) {
      if (word != nullptr && part == word) return std::string(" (") + guess.hint + ")";
    }
  }
  // "memory.size" and "memory.capacity" are too short for a word of their own.
  if (key == "memory.size" || key == "memory.capacity" || key == "memory") return std::string(" (") + kOnChip + ")";
  return suggestion(key, known);
}

}  // namespace lanewise::engine
