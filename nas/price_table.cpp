// SPDX-License-Identifier: Apache-2.0
#include "nas/price_table.hpp"

#include <algorithm>

namespace lanewise::nas {
namespace {

constexpr std::size_t kFirstSlots = 128;  // a power of two

std::uint64_t key_of(mapping::ContextCosts::Shape shape, const mapping::SubgraphContext& c) {
  const auto flags = (c.input_on_chip ? 4U : 0U) + (c.operand_on_chip ? 2U : 0U) + (c.output_on_chip ? 1U : 0U);
  return std::uint64_t{shape} << 32 | static_cast<std::uint64_t>(c.resident_banks) << 3 | flags;
}

// Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
std::size_t hash(std::uint64_t key) { return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15ULL >> 32); }

}  // namespace

PriceTable::Index PriceTable::index(mapping::ContextCosts::Shape shape, const mapping::SubgraphContext& context,
                                    bool& fresh) {
  const std::uint64_t key = key_of(shape, context);
  if (2 * keys_.size() >= slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash(key) & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    if (keys_[slots_[at] - 1] != key) continue;
    fresh = false;
    return slots_[at] - 1;
  }
  fresh = true;
  keys_.push_back(key);
  costs_.emplace_back();
  slots_[at] = static_cast<Index>(keys_.size());
  return slots_[at] - 1;
}

void PriceTable::grow() {
  slots_.assign(std::max(kFirstSlots, 2 * slots_.size()), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    std::size_t at = hash(keys_[i]) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<Index>(i + 1);
  }
}

}  // namespace lanewise::nas
