// SPDX-License-Identifier: Apache-2.0
// The second half of partitioning: which activation tensors stay in the on-chip banks between subgraphs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/operator_fusion.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

// Why a tensor lies where it lies between the subgraphs.
enum class Residence {
  kOnChip,
  kGraphInput,   // comes from DRAM
  kGraphOutput,  // has to leave the chip
  kUnread,       // no later subgraph reads it
  // Spilled: a later subgraph reads it back from DRAM.
  kSwitchedOff,     // memory.keep_activations is false
  kFetchedOperand,  // fetched whole, once a subgraph: the second matrix of a matmul, an operand of one value a channel
  kHost,            // the host writes or reads it
  kGathered,        // a subgraph reads it together with tensors that are not on chip
  kTooLarge,        // more banks than some subgraph of its life leaves beside streaming; parts of tensors are not kept
  kNoRoom,          // tensors that save more are there
  kFragmentation,   // enough banks are free, but not next to each other
};
const char* to_string(Residence residence);  // "on_chip", "graph_input", …
bool is_spill(Residence residence);

struct PlacedTensor {
  network::TensorId tensor = network::kNone;
  std::string name;
  Bytes bytes{0};
  std::int64_t banks = 0;                             // that it takes, or would take
  std::size_t first_subgraph = 0, last_subgraph = 0;  // written (read first, if a graph input), and read last
  Residence residence = Residence::kOnChip;
  std::int64_t first_bank = -1;  // on chip: it occupies [first_bank, first_bank + banks)
  Bytes dram{0};                 // written, and read once by each reader as far as it needs it
};

// The activation banks of one subgraph. Banks [activation_banks - streaming, activation_banks) are never given to
// tensors. The subgraph's own buffers take those and every other free bank: unlike a tensor, which several subgraphs
// find by its first bank, they need not lie next to each other.
struct SubgraphMemory {
  std::int64_t streaming = 0;     // banks left for the subgraph's buffers
  std::int64_t kept = 0;          // that tensors kept on chip occupy
  std::int64_t free = 0;          // beside both
  std::int64_t largest_hole = 0;  // most free ones next to each other
};

struct MemoryMap {
  std::int64_t activation_banks = 0;
  Bytes bank_size{0};
  std::vector<PlacedTensor> tensors;  // all activations, in the order of their first subgraph
  std::vector<SubgraphMemory> subgraphs;
  Bytes saved{0};        // DRAM bytes that tensors on chip save
  Bytes saved_bound{0};  // that no allocation of the same tensors beside the same streaming room can exceed

  Bytes peak() const;  // of the banks that tensors kept on chip occupy, the subgraph with the most
  std::int64_t kept_tensors() const;
  std::int64_t spilled_tensors() const;
  Bytes kept_bytes() const;
  Bytes spilled_bytes() const;
};

// Fills in each subgraph's context. A tensor stays on chip from the subgraph that writes it to the last that reads it,
// in whole banks next to each other (mapping/allocator.hpp chooses which, and where). Tensors that one subgraph gathers
// stay together or not at all. Every subgraph keeps room to stream what is not on chip.
MemoryMap place_tensors(std::vector<SubgraphDraft>& drafts, const network::Graph& graph,
                        const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
