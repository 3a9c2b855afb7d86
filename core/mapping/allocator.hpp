// SPDX-License-Identifier: Apache-2.0
// Which tensors stay in the activation banks between subgraphs, and in which banks. A tensor needs contiguous banks for
// its whole lifetime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::mapping {

// A tensor that may stay on chip, from the subgraph that writes it to the last one that reads it, both included.
struct Lifetime {
  std::size_t first_subgraph = 0, last_subgraph = 0;
  std::int64_t banks = 0;        // whole, contiguous banks
  std::int64_t saved_bytes = 0;  // DRAM bytes that are saved by keeping it: one write and all reads
  int bundle = -1;               // tensors of one bundle stay together or not at all; -1: none
};

enum class Outcome {
  kKept,
  kTooLarge,       // does not even fit an otherwise empty chip, beside the room for streaming
  kNoRoom,         // in some subgraph of its lifetime the kept tensors leave too few banks
  kFragmentation,  // enough banks are free throughout its lifetime, but no contiguous ones stay so
  kBundle,         // fits by itself, but not together with the rest of its bundle
  kNotWorthwhile,  // fits, but keeping it costs more than it saves; allocate() does not ask for that
};

struct Allocation {
  struct Place {
    Outcome outcome = Outcome::kNoRoom;
    std::int64_t first_bank = -1;  // a kept tensor occupies [first_bank, first_bank + banks)
  };
  std::vector<Place> places;  // one per lifetime
  std::int64_t saved_bytes = 0;
};

// Chooses tensors and places them so that many DRAM bytes are saved. In subgraph i the banks [0, room[i]) are there for
// tensors; lifetimes must lie within the subgraphs of `room`. Several orders and placement rules are tried, then each
// tensor that was left out is tried first. Deterministic, but not optimal. Kept tensors never overlap.
Allocation allocate(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room);

// How the banks of one subgraph are used.
struct Occupancy {
  std::int64_t kept = 0;          // banks that tensors occupy
  std::int64_t free = 0;          // of the room
  std::int64_t largest_hole = 0;  // most contiguous free banks; the other free banks are lost to fragmentation
};
std::vector<Occupancy> occupancy(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                                 const Allocation& allocation);

// The lowest first bank at which a lifetime that is not kept finds room among those that are, or -1.
std::int64_t lowest_hole(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                         const Allocation& allocation, std::size_t life);

// The first rule that the allocation breaks (overlap, a bank beyond the room, half a bundle, a wrong sum), or "".
std::string allocation_fault(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                             const Allocation& allocation);

// An upper bound on the bytes that any allocation can save. Each tensor is held against the room of the fullest
// subgraph of its lifetime alone, and may be kept in part and at any address (a fractional knapsack).
double saved_bytes_bound(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room);

}  // namespace lanewise::mapping
