// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/fit_keys.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/error.hpp"
#include "core/engine/kinds/engine_kind.hpp"
#include "core/engine/numeric_parameter.hpp"

namespace lanewise::study {
namespace {

using engine::DmaKind;

// Overheads, latencies and bandwidths, whatever the kind of engine.
constexpr const char* kFitKeys[] = {
    "engine.pipeline_latency_cycles",
    "engine.input_to_mac_cycles",
    "engine.weights_to_mac_cycles",
    "engine.weight_release_cycles",
    "engine.pass_gap_cycles",
    "engine.depthwise_preparation_cycles",
    "memory.latency_cycles",
    "accumulators.credit_return_cycles",
    "post_processing.atom_overhead_cycles",
    "post_processing.latency_cycles",
    "post_processing.elementwise_latency_cycles",
    "post_processing.pooling_latency_cycles",
    "post_processing.normalization_latency_cycles",
    "dma.setup_cycles",
    "dma.start_cycles",
    "dma.loaded_cycles",
    "dma.next_pass_cycles",
    "dma.input_release_cycles",
    "dma.split_change_cycles",
    "dma.request_cycles",
    "dma.fetch_cycles",
    "dma.write_lead_cycles",
    "dram.bandwidth",
    "dram.latency",
    "dram.outstanding_return_cycles",
    "dram.write_response_cycles",
    "unpacking.first_pair_cycles",
    "unpacking.second_pair_cycles",
    "unpacking.column_cycles",
    "unpacking.loaded_cycles",
    "unpacking.last_pair_cycles",
    "unpacking.row_cycles",
    "command.launch_time",
    "command.cycles_per_tile",
};

constexpr const char* kCommandKey = "command.cycles_per_pass";

bool begins_with(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

}  // namespace

std::vector<std::string> default_fit_keys(DmaKind kind) {
  std::vector<std::string> keys;
  for (const char* key : kFitKeys) {
    if (engine::reads_key(kind, key)) keys.emplace_back(key);
  }
  return keys;
}

std::vector<std::string> parse_fit_keys(const std::string& text, DmaKind kind, bool from_command) {
  if (text.empty()) return default_fit_keys(kind);
  std::vector<std::string> keys;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string key = text.substr(begin, end - begin);
    if (begins_with(key, "energy.") || begins_with(key, "area.")) {
      throw Error("--fit: key '" + key + "': must be one that cycles depend on");
    }
    if (key == "engine.clock" && from_command) {
      throw Error("--fit: key '" + key + "': must be one that is fitted: measured times became cycles by it");
    }
    if (key == kCommandKey && !from_command) {
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
