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

// Where a tensor lives between the subgraphs, and why.
enum class Residence {
  kOnChip,
  kGraphInput,   // comes from DRAM
  kGraphOutput,  // has to leave the chip
  kUnread,       // no later subgraph reads it
  kStriped,      // between subgraphs of a cascade: on chip, a few rows at a time
  // Spilled: a later subgraph reads it back from DRAM.
  kSwitchedOff,     // memory.keep_activations is false
  kFetchedOperand,  // fetched whole by each subgraph: the second matrix of a matmul, one value per channel
  kHost,            // written or read by the host
  kGathered,        // read by a subgraph together with tensors that are not on chip
  kTooLarge,        // needs more banks than some subgraph of its lifetime leaves beside streaming
  kNoRoom,          // the banks hold tensors that save more
  kFragmentation,   // enough banks are free, but they are not contiguous
  kNotWorthwhile,   // the buffers of the subgraphs, which would get fewer banks, are worth more
};
const char* to_string(Residence residence);  // "on_chip", "graph_input", …
bool is_spill(Residence residence);

struct PlacedTensor {
  network::TensorId tensor = network::kNone;
  std::string name;
  Bytes bytes{0};
  std::int64_t banks = 0;  // that it occupies, or would occupy; striped: of the buffer for its rows
  // That writes it (or reads a graph input first), and that reads it last. In a cascade, whose subgraphs take turns,
  // all of them need whatever one of them reads or writes.
  std::size_t first_subgraph = 0, last_subgraph = 0;
  Residence residence = Residence::kOnChip;
  std::int64_t first_bank = -1;  // where on chip: it occupies [first_bank, first_bank + banks)
  Bytes dram{0};                 // of one write, and of one read by each reader as far as it needs the tensor
};

// The activation banks of one subgraph. The last `streaming` banks are never given to tensors. The buffers of the
// subgraph take those and every other free bank. Unlike a tensor, which several subgraphs find by its first bank, the
// buffers need not be contiguous.
struct SubgraphMemory {
  std::int64_t streaming = 0;     // banks reserved for the buffers of the subgraph
  std::int64_t kept = 0;          // banks of tensors that are kept on chip
  std::int64_t free = 0;          // banks that are neither
  std::int64_t largest_hole = 0;  // most contiguous free banks
  std::int64_t striped = 0;       // banks of buffers between the subgraphs of a cascade, before those for streaming
};

struct MemoryMap {
  std::int64_t activation_banks = 0;
  Bytes bank_size{0};
  std::vector<PlacedTensor> tensors;  // every activation, in the order of first_subgraph
  std::vector<SubgraphMemory> subgraphs;
  // DRAM bytes of all subgraphs with every tensor in DRAM, less those as placed, by the closed form of either
  // (core/mapping/nominal_cost.hpp). More than `own_transfers` where tiles would read a tensor again, less where the
  // buffers that it displaces made others come only once. May be negative.
  Bytes saved{0};
  Bytes own_transfers{0};  // of the tensors on chip: one write, and one read by each reader
  Bytes saved_bound{0};    // own transfers that no allocation of the same tensors in the same room can exceed

  Bytes peak() const;  // most bytes of banks that kept tensors occupy in any subgraph
  // Most bytes of activations that exist at once, on chip and in DRAM: tensors from the subgraph that writes them to
  // the last one that reads them, striped ones by their buffers alone.
  Bytes peak_activations() const;
  std::int64_t kept_tensors() const;
  std::int64_t striped_tensors() const;
  Bytes striped_buffer_bytes() const;  // of whole banks, summed over all cascades
  std::int64_t spilled_tensors() const;
  Bytes kept_bytes() const;
  Bytes spilled_bytes() const;
};

// What a cascade of the subgraphs [first, last] asks of the placement.
struct CascadeRoom {
  std::size_t first = 0, last = 0;
  std::vector<network::TensorId> striped;   // the tensors between its subgraphs
  std::vector<std::int64_t> striped_banks;  // of the buffer of each
  std::int64_t kept_banks = 0;              // that are left to tensors that stay on chip
};

// Fills in the context of each subgraph. A tensor stays on chip from the subgraph that writes it to the last one that
// reads it, in contiguous whole banks; core/mapping/allocator.hpp chooses tensors and banks. Tensors that one subgraph
// gathers stay together or not at all. Every subgraph keeps room to stream what is not on chip.
// The subgraphs of a cascade run by turns, so that whatever one of them reads or writes is there for all of them.
MemoryMap place_tensors(std::vector<SubgraphDraft>& drafts, const network::Graph& graph,
                        const engine::EngineConfig& engine, const std::vector<CascadeRoom>& cascades = {});

}  // namespace lanewise::mapping
