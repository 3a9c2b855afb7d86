// SPDX-License-Identifier: Apache-2.0
// The kinds of engine, one entry of a table per kind: what a value of `dma.kind` means for everything that core/engine
// decides. Planners, simulated units and analytical models have a table of their own in their modules; whatever else
// depends on the kind asks for a property below and never for the kind itself.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/cross_rules.hpp"
#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

struct EngineKind {
  DmaKind kind;         // its place in the table
  const char* name;     // the value of dma.kind
  const char* meaning;  // one or two sentences for the reference of the keys, without the last full stop

  // Loaders stream whole inputs and weights to the banks, and outputs leave as they are computed. Otherwise DMA
  // channels carry out the program of transfers that is part of the plan.
  bool streams;
  bool keeps_activations;           // tensors may stay in the activation banks between subgraphs
  bool separate_write_port;         // reads and writes do not share the bandwidth of DRAM
  bool post_processor_reads_banks;  // operands and outputs pass through the activation banks

  // DRAM bytes per cycle of the engine's clock that reads, or writes, can reach at most.
  BytesPerCycle (*read_bandwidth)(const EngineConfig&);
  BytesPerCycle (*write_bandwidth)(const EngineConfig&);
  // A rule between keys that this kind alone has to keep.
  std::optional<BrokenRule> (*broken_rule)(const EngineConfig&);

  // The keys that this kind reads although some other kind does not. The remaining keys are read by every kind.
  std::vector<const char*> (*own_keys)();

  bool owns(const std::string& key) const;
};

// The bandwidth of kinds whose reads and writes share all that DRAM has.
BytesPerCycle shared_dram_bandwidth(const EngineConfig& config);

// One file per kind in this folder.
extern const EngineKind kTilesKind;
extern const EngineKind kStreamsKind;

// Every kind, in the order of DmaKind.
inline constexpr std::size_t kEngineKindCount = 2;
const EngineKind& engine_kind(DmaKind kind);
// The kind that is called `name`. Throws Error listing the names there are.
const EngineKind& engine_kind(const std::string& name);
// Whether engines of this kind read the key: every kind does unless some kind lists it as its own.
bool reads_key(DmaKind kind, const std::string& key);

// "tiles, streams"
std::string engine_kind_names();
// What each name means, for the reference of the keys.
std::string engine_kind_meanings();

}  // namespace lanewise::engine
