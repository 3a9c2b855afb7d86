// SPDX-License-Identifier: Apache-2.0
// When a value of a gene is dominated by another one, in one context and over several.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "study/curation/curation.hpp"

namespace lanewise::study {

// Whether `larger` has at least the capacity of `smaller`, MACs and parameters, and costs no more than `price` times
// the relative rise in capacity, of the two the smaller rise, on top. Equal sizes dominate each other where the
// networks are the same to the engine.
bool dominates(const LocalSize& larger, const LocalSize& smaller, double price);

// The sizes of the values of a gene in one context; nullopt for those that cannot run there.
using ValueSizes = std::vector<std::optional<LocalSize>>;

// Which values nothing that is itself favourable dominates. Of values of equal sizes the first of `order` is
// favourable.
std::vector<bool> favourable_values(const ValueSizes& sizes, double price, const std::vector<std::size_t>& order);

struct GeneVerdict {
  std::vector<bool> kept;
  // Of those that go: the kept value that dominates it in most contexts, the first context and then the least cost
  // deciding between several; -1 of those that are kept, or where none does.
  std::vector<int> dominator;
  std::vector<std::int64_t> favourable;  // by value: in how many contexts it is
};
// Keeps what is favourable in the first context, or in at least `share` of all; then what kept values do not dominate
// in the first context or leave undominated in `share` of all. What cannot run in any context goes.
GeneVerdict verdict(const std::vector<ValueSizes>& contexts, double price, double share,
                    const std::vector<std::size_t>& order);

}  // namespace lanewise::study
