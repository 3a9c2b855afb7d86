// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/fit_keys.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/error.hpp"
#include "core/engine/numeric_parameter.hpp"

namespace lanewise::study {
namespace {

using engine::DmaKind;

enum class Has { kBoth, kTiles, kStreams };
struct FitKey {
  const char* key;
  Has has;
};

constexpr FitKey kFitKeys[] = {
    {"engine.pipeline_latency_cycles", Has::kBoth},
    {"engine.input_to_mac_cycles", Has::kBoth},
    {"engine.weights_to_mac_cycles", Has::kBoth},
    {"engine.weight_release_cycles", Has::kBoth},
    {"engine.pass_gap_cycles", Has::kBoth},
    {"engine.depthwise_preparation_cycles", Has::kTiles},
    {"memory.latency_cycles", Has::kBoth},
    {"accumulators.credit_return_cycles", Has::kBoth},
    {"post_processing.atom_overhead_cycles", Has::kBoth},
    {"post_processing.latency_cycles", Has::kBoth},
    {"post_processing.elementwise_latency_cycles", Has::kStreams},
    {"post_processing.pooling_latency_cycles", Has::kStreams},
    {"post_processing.normalization_latency_cycles", Has::kStreams},
    {"dma.setup_cycles", Has::kTiles},
    {"dma.start_cycles", Has::kStreams},
    {"dma.loaded_cycles", Has::kStreams},
    {"dma.next_pass_cycles", Has::kStreams},
    {"dma.input_release_cycles", Has::kStreams},
    {"dma.split_change_cycles", Has::kStreams},
    {"dma.request_cycles", Has::kStreams},
    {"dma.fetch_cycles", Has::kStreams},
    {"dma.write_lead_cycles", Has::kStreams},
    {"dram.bandwidth", Has::kBoth},
    {"dram.latency", Has::kBoth},
    {"dram.outstanding_return_cycles", Has::kStreams},
    {"dram.write_response_cycles", Has::kStreams},
    {"unpacking.first_pair_cycles", Has::kStreams},
    {"unpacking.second_pair_cycles", Has::kStreams},
    {"unpacking.column_cycles", Has::kStreams},
    {"unpacking.loaded_cycles", Has::kStreams},
    {"unpacking.last_pair_cycles", Has::kStreams},
    {"unpacking.row_cycles", Has::kStreams},
    {"command.cycles_per_tile", Has::kTiles},
};

bool begins_with(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

}  // namespace

std::vector<std::string> default_fit_keys(DmaKind kind) {
  const Has own = kind == DmaKind::kTiles ? Has::kTiles : Has::kStreams;
  std::vector<std::string> keys;
  for (const FitKey& key : kFitKeys) {
    if (key.has == Has::kBoth || key.has == own) keys.emplace_back(key.key);
  }
  return keys;
}

std::vector<std::string> parse_fit_keys(const std::string& text, DmaKind kind) {
  if (text.empty()) return default_fit_keys(kind);
  std::vector<std::string> keys;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string key = text.substr(begin, end - begin);
    if (begins_with(key, "energy.") || begins_with(key, "area.")) {
      throw Error("--fit: key '" + key + "': must be one that cycles depend on");
    }
    if (key == "command.cycles_per_pass") {
      throw Error("--fit: key '" + key + "': must be one that rows see: they count from where loading is enabled");
    }
    try {
      engine::numeric_parameter(key);
    } catch (const Error& error) {
      throw Error(std::string("--fit: ") + error.what());
    }
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
      throw Error("--fit: key '" + key + "': must be given once");
    }
    keys.push_back(key);
    begin = end + 1;
  }
  return keys;
}

}  // namespace lanewise::study
