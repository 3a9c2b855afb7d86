// SPDX-License-Identifier: Apache-2.0
// Which tensors stay in the activation banks between subgraphs, and where: lifetimes, contiguous banks, holes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::mapping {

// A tensor that might stay on chip, from the subgraph that writes it to the last that reads it, both included.
struct Lifetime {
  std::size_t first_subgraph = 0, last_subgraph = 0;
  std::int64_t banks = 0;        // whole banks, next to each other
  std::int64_t saved_bytes = 0;  // DRAM bytes that staying saves: one write and all reads
  int bundle = -1;               // those of one bundle stay together or not at all; -1: by itself
};

enum class Outcome {
  kKept,
  kTooLarge,       // not even on an otherwise empty chip, beside the room for streaming
  kNoRoom,         // in some subgraph of its life the tensors kept leave too few banks
  kFragmentation,  // enough banks are free in every subgraph of its life, but never the same ones next to each other
  kBundle,         // would fit, but not together with the rest of its bundle
};

struct Allocation {
  struct Place {
    Outcome fate = Outcome::kNoRoom;
    std::int64_t first_bank = -1;  // kept ones occupy [first_bank, first_bank + banks)
  };
  std::vector<Place> places;  // one a lifetime
  std::int64_t saved_bytes = 0;
};

// Chooses and places so that many DRAM bytes are saved: several orders and ways to fit, then those left out are tried
// first in turn. `room[i]` banks, from bank 0, are there for tensors in subgraph i. Deterministic, not optimal; what is
// kept never overlaps. Lifetimes must lie in the subgraphs of `room`.
Allocation allocate(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room);

// How one subgraph's banks are used.
struct Occupancy {
  std::int64_t kept = 0;          // banks that tensors occupy
  std::int64_t free = 0;          // of the room
  std::int64_t largest_hole = 0;  // most free banks next to each other: free - largest_hole are lost to fragmentation
};
std::vector<Occupancy> occupancy(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                                 const Allocation& allocation);

// "" or the first rule that the allocation breaks: overlaps, banks beyond the room, half a bundle, a wrong sum.
std::string allocation_fault(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                             const Allocation& allocation);

// Bytes that no allocation can save more than. Each tensor is held against the room of one subgraph of its life, the
// fullest, where parts of tensors may stay and addresses do not count.
double saved_bytes_bound(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room);

}  // namespace lanewise::mapping
