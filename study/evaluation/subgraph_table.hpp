// SPDX-License-Identifier: Apache-2.0
// Subgraphs and engines seen so far, each under a number of its own. A hash finds them; what is compared is their
// identity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

class SubgraphTable {
 public:
  using Index = std::uint32_t;

  // Equal numbers for engines on which nothing can be measured differently.
  Index engine(const engine::EngineConfig& config);
  // The number of a subgraph on the engine with that number: those of new subgraphs count up from size().
  Index subgraph(const mapping::Subgraph& subgraph, Index engine);
  std::size_t size() const { return entries_.size(); }
  // Forgets all subgraphs from number `size` on.
  void shrink(std::size_t size);

 private:
  struct Entry {
    mapping::SubgraphIdentity subgraph;
    std::uint64_t hash = 0;
    Index engine = 0;
  };
  // Open addressing, linear probing, at most half full.
  struct Slot {
    std::uint32_t tag = 0;  // the hash's upper half
    Index entry_after = 0;  // 1 + the entry's number; 0: free
  };
  void rebuild(std::size_t slots);
  void place(Index entry);

  std::map<std::vector<double>, Index> engines_;
  std::deque<Entry> entries_;
  std::vector<Slot> slots_;
};

}  // namespace lanewise::study
