// SPDX-License-Identifier: Apache-2.0
// Engines whose DMA channels carry out a program of tiles, which is fixed when a subgraph is planned. Loads and stores
// share one DRAM bandwidth, and outputs leave tile by tile.
#include "core/engine/kinds/engine_kind.hpp"

namespace lanewise::engine {
namespace {

std::optional<BrokenRule> no_rule(const EngineConfig&) { return std::nullopt; }

std::vector<const char*> own_keys() {
  return {"engine.depthwise_preparation_cycles", "dma.setup_cycles", "command.cycles_per_tile"};
}

}  // namespace

const EngineKind kTilesKind = {
    DmaKind::kTiles,
    "tiles",
    "channels work through a program of tiles",
    false,  // streams
    true,   // keeps_activations
    false,  // separate_write_port
    true,   // post_processor_reads_banks
    shared_dram_bandwidth,
    shared_dram_bandwidth,
    no_rule,
    own_keys,
};

}  // namespace lanewise::engine
