// SPDX-License-Identifier: Apache-2.0
// What can be said of any allocation, whoever made it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/mapping/allocator.hpp"

namespace lanewise::mapping {
namespace {

bool overlap(const Lifetime& a, const Lifetime& b) {
  return a.first_subgraph <= b.last_subgraph && b.first_subgraph <= a.last_subgraph;
}

bool kept(const Allocation& allocation, std::size_t life) { return allocation.places[life].outcome == Outcome::kKept; }

// The room of the subgraph of its life that has the least.
std::int64_t least_room(const Lifetime& life, const std::vector<std::int64_t>& room) {
  const auto begin = room.begin() + static_cast<std::ptrdiff_t>(life.first_subgraph);
  const auto end = room.begin() + static_cast<std::ptrdiff_t>(life.last_subgraph) + 1;
  return *std::min_element(begin, end);
}

// Whether some subgraph of its life has too little room for the tensor alone.
bool too_large(const Lifetime& life, const std::vector<std::int64_t>& room) {
  return life.banks > least_room(life, room);
}

}  // namespace

std::vector<Occupancy> occupancy(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                                 const Allocation& allocation) {
  std::vector<Occupancy> out(room.size());
  for (std::size_t subgraph = 0; subgraph < room.size(); ++subgraph) {
    std::vector<std::pair<std::int64_t, std::int64_t>> taken;
    for (std::size_t i = 0; i < lifetimes.size(); ++i) {
      const Lifetime& life = lifetimes[i];
      if (!kept(allocation, i) || subgraph < life.first_subgraph || subgraph > life.last_subgraph) continue;
      taken.emplace_back(allocation.places[i].first_bank, life.banks);
    }
    std::sort(taken.begin(), taken.end());
    Occupancy& o = out[subgraph];
    std::int64_t begin = 0;
    for (const auto& [first, banks] : taken) {
      o.largest_hole = std::max(o.largest_hole, first - begin);
      begin = first + banks;
      o.kept += banks;
    }
    o.largest_hole = std::max(o.largest_hole, room[subgraph] - begin);
    o.free = room[subgraph] - o.kept;
  }
  return out;
}

std::int64_t lowest_hole(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                         const Allocation& allocation, std::size_t life) {
  const Lifetime& wanted = lifetimes[life];
  const std::int64_t limit = least_room(wanted, room);
  std::vector<std::pair<std::int64_t, std::int64_t>> taken;
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    if (!kept(allocation, i) || !overlap(lifetimes[i], wanted)) continue;
    taken.emplace_back(allocation.places[i].first_bank, allocation.places[i].first_bank + lifetimes[i].banks);
  }
  std::sort(taken.begin(), taken.end());
  std::int64_t begin = 0;
  for (const auto& [first, end] : taken) {
    if (std::min(first, limit) - begin >= wanted.banks) return begin;
    begin = std::max(begin, end);
  }
  return limit - begin >= wanted.banks ? begin : -1;
}

std::string allocation_fault(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                             const Allocation& allocation) {
  if (allocation.places.size() != lifetimes.size()) return "not one place a lifetime";
  std::int64_t saved = 0;
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    const Lifetime& a = lifetimes[i];
    const std::int64_t first = allocation.places[i].first_bank;
    if (kept(allocation, i) != (first >= 0)) return fmt::format("lifetime {}: a bank and not kept, or kept without", i);
    for (std::size_t j = 0; j < i; ++j) {
      const Lifetime& b = lifetimes[j];
      if (a.bundle >= 0 && a.bundle == b.bundle && kept(allocation, i) != kept(allocation, j)) {
        return fmt::format("lifetimes {} and {}: half a bundle kept", j, i);
      }
      if (!kept(allocation, i) || !kept(allocation, j) || !overlap(a, b)) continue;
      const std::int64_t other = allocation.places[j].first_bank;
      if (first < other + b.banks && other < first + a.banks) {
        return fmt::format("lifetimes {} and {}: the same bank at the same time", j, i);
      }
    }
    if (!kept(allocation, i)) continue;
    saved += a.saved_bytes;
    for (std::size_t subgraph = a.first_subgraph; subgraph <= a.last_subgraph; ++subgraph) {
      if (first + a.banks > room[subgraph]) return fmt::format("lifetime {}: beyond the room of pass {}", i, subgraph);
    }
  }
  return saved == allocation.saved_bytes ? "" : "saved bytes are not the sum over what is kept";
}

double saved_bytes_bound(const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room) {
  std::vector<std::int64_t> demand(room.size(), 0);
  for (const Lifetime& life : lifetimes) {
    if (too_large(life, room)) continue;
    for (std::size_t subgraph = life.first_subgraph; subgraph <= life.last_subgraph; ++subgraph)
      demand[subgraph] += life.banks;
  }
  std::vector<std::vector<const Lifetime*>> held(room.size());
  for (const Lifetime& life : lifetimes) {
    if (too_large(life, room)) continue;
    std::size_t fullest = life.first_subgraph;
    for (std::size_t subgraph = life.first_subgraph; subgraph <= life.last_subgraph; ++subgraph) {
      if (demand[subgraph] - room[subgraph] > demand[fullest] - room[fullest]) fullest = subgraph;
    }
    held[fullest].push_back(&life);
  }
  const auto worth = [](const Lifetime* life) {
    return static_cast<double>(life->saved_bytes) / static_cast<double>(life->banks);
  };
  double bound = 0;
  for (std::size_t subgraph = 0; subgraph < room.size(); ++subgraph) {
    std::stable_sort(held[subgraph].begin(), held[subgraph].end(),
                     [&](const Lifetime* a, const Lifetime* b) { return worth(a) > worth(b); });
    std::int64_t left = room[subgraph];
    for (const Lifetime* life : held[subgraph]) {
      const std::int64_t part = std::min(left, life->banks);
      bound += worth(life) * static_cast<double>(part);
      left -= part;
    }
  }
  return bound;
}

}  // namespace lanewise::mapping
