// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/subgraph_table.hpp"

#include <utility>

namespace lanewise::study {
namespace {

constexpr std::size_t kFirstSlots = 1024;  // a power of two

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

SubgraphTable::Index SubgraphTable::engine(const engine::EngineConfig& config,
                                           const std::optional<mapping::GivenTiles>& tiles) {
  const auto next = static_cast<Index>(engines_.size());
  std::vector<double> values = engine::numeric_values(config);
  if (tiles) {
    for (const std::int64_t size : tiles->size) values.push_back(static_cast<double>(size));
    for (const mapping::TileAxis axis : tiles->order) values.push_back(static_cast<double>(axis));
  }
  return engines_.try_emplace(std::move(values), next).first->second;
}

SubgraphTable::Index SubgraphTable::subgraph(const mapping::Subgraph& subgraph, Index engine) {
  if (2 * entries_.size() >= slots_.size()) rebuild(slots_.empty() ? kFirstSlots : 2 * slots_.size());
  Entry entry;
  entry.subgraph = mapping::identity_of(subgraph);
  entry.engine = engine;
  // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4) spreads the engines' small numbers.
  entry.hash = entry.subgraph.hash() + engine * 0x9e3779b97f4a7c15ULL;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = entry.hash & mask; slots_[at].entry_after != 0; at = (at + 1) & mask) {
    if (slots_[at].tag != tag_of(entry.hash)) continue;
    const Index found = slots_[at].entry_after - 1;
    const Entry& known = entries_[found];
    if (known.engine == engine && known.subgraph == entry.subgraph) return found;
  }
  entries_.push_back(entry);
  place(static_cast<Index>(entries_.size() - 1));
  return static_cast<Index>(entries_.size() - 1);
}

void SubgraphTable::shrink(std::size_t size) {
  entries_.resize(size);
  rebuild(slots_.size());
}

void SubgraphTable::rebuild(std::size_t slots) {
  slots_.assign(slots, Slot{});
  for (std::size_t i = 0; i < entries_.size(); ++i) place(static_cast<Index>(i));
}

void SubgraphTable::place(Index entry) {
  const std::uint64_t hash = entries_[entry].hash;
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].entry_after != 0) at = (at + 1) & mask;
  slots_[at] = {tag_of(hash), entry + 1};
}

}  // namespace lanewise::study
