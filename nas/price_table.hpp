// SPDX-License-Identifier: Apache-2.0
// What is remembered of an engine while a search asks about networks on it: what its subgraphs cost. Private to the
// pricer of designs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/mapping/context_costs.hpp"
#include "core/mapping/subgraph.hpp"
#include "nas/oracles/cost_oracle.hpp"

namespace lanewise::nas {

// Prices by shape and context. Entries are numbered in the order in which they are first asked for.
class PriceTable {
 public:
  using Index = std::uint32_t;
  // The entry of a shape in a context outside of cascades; a new one is `fresh` and has to be set.
  Index index(mapping::ContextCosts::Shape shape, const mapping::SubgraphContext& context, bool& fresh);
  void set(Index entry, const SubgraphCost& cost) { costs_[entry] = cost; }
  const SubgraphCost& operator[](Index entry) const { return costs_[entry]; }
  std::size_t size() const { return costs_.size(); }

 private:
  void grow();

  std::vector<std::uint64_t> keys_;
  std::vector<SubgraphCost> costs_;
  std::vector<Index> slots_;  // open addressing with linear probing: 1 + entry; 0: free
};

}  // namespace lanewise::nas
