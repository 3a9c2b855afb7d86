// SPDX-License-Identifier: Apache-2.0
// A hash table that numbers subgraphs and engines in the order in which they are first seen. Entries are found by hash
// and compared by identity, so a collision never confuses two of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

class SubgraphTable {
 public:
  using Index = std::uint32_t;

  // The index of an engine. Engines on which no measurement can differ share an index.
  // An engine that runs a subgraph by given tiles counts as one of its own.
  Index engine(const engine::EngineConfig& config, const std::optional<mapping::GivenTiles>& tiles = {});
  // The index of a subgraph on the engine with the index `engine`; a new subgraph gets the index size().
  Index subgraph(const mapping::Subgraph& subgraph, Index engine);
  std::size_t size() const { return entries_.size(); }
  // Forgets all subgraphs with an index of `size` or more.
  void shrink(std::size_t size);

 private:
  struct Entry {
    mapping::SubgraphIdentity subgraph;
    std::uint64_t hash = 0;
    Index engine = 0;
  };
  // Open addressing with linear probing, at most half full.
  struct Slot {
    std::uint32_t tag = 0;  // upper half of the hash
    Index entry_after = 0;  // 1 + index of the entry; 0: free
  };
  void rebuild(std::size_t slots);
  void place(Index entry);

  std::map<std::vector<double>, Index> engines_;
  std::deque<Entry> entries_;
  std::vector<Slot> slots_;
};

}  // namespace lanewise::study
