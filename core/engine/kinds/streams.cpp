// SPDX-License-Identifier: Apache-2.0
// Engines in the manner of the open NVDLA: one loader streams the whole input, another the weights group by group, and
// outputs leave through a write port of their own.
#include <algorithm>

#include "core/engine/kinds/engine_kind.hpp"

namespace lanewise::engine {
namespace {

// What DRAM brings, or what the port moves with one word per `interval`, whichever is less.
BytesPerCycle port_bandwidth(const EngineConfig& config, Cycles interval) {
  return BytesPerCycle(std::min(config.dram.bandwidth.count() / config.array.clock.count(),
                                as_double(config.dram.word) / as_double(interval)));
}

BytesPerCycle read_bandwidth(const EngineConfig& config) { return port_bandwidth(config, config.dram.read_interval); }
BytesPerCycle write_bandwidth(const EngineConfig& config) { return port_bandwidth(config, config.dram.write_interval); }

std::optional<BrokenRule> no_patches(const EngineConfig& config) {
  if (config.patch_pixels() == 0) return std::nullopt;
  return BrokenRule{{"engine.patch_rows", "dma.kind"}, "patches need dma.kind: tiles, each patch is a tile"};
}

std::vector<const char*> own_keys() {
  return {"post_processing.elementwise_latency_cycles",
          "post_processing.pooling_latency_cycles",
          "post_processing.normalization_latency_cycles",
          "dma.overlap",
          "dma.start_cycles",
          "dma.loaded_cycles",
          "dma.next_pass_cycles",
          "dma.input_release_cycles",
          "dma.split_change_cycles",
          "dma.request_cycles",
          "dma.fetch_cycles",
          "dma.write_lead_cycles",
          "dma.weight_alignment",
          "dma.fetch_grain_rows",
          "dma.fetch_request",
          "dma.weight_lead_requests",
          "dma.write_buffer_atoms",
          "dram.half_duplex",
          "dram.word",
          "dram.outstanding_beats",
          "dram.outstanding_return_cycles",
          "dram.read_interval_cycles",
          "dram.request_interval_cycles",
          "dram.write_interval_cycles",
          "dram.write_request_interval_cycles",
          "dram.write_response_cycles",
          "unpacking.first_pair_cycles",
          "unpacking.second_pair_cycles",
          "unpacking.column_cycles",
          "unpacking.loaded_cycles",
          "unpacking.last_pair_cycles",
          "unpacking.row_cycles"};
}

}  // namespace

const EngineKind kStreamsKind = {
    DmaKind::kStreams,
    "streams",
    "one loader streams the whole input, another the weights group by group, sharing the read port request by request; "
    "the array starts when the whole input is there, and outputs leave atom by atom through a write port",
    true,   // streams
    false,  // keeps_activations
    true,   // separate_write_port
    false,  // post_processor_reads_banks
    read_bandwidth,
    write_bandwidth,
    no_patches,
    own_keys,
};

}  // namespace lanewise::engine
