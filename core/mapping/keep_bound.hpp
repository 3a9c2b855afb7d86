// SPDX-License-Identifier: Apache-2.0
// What no allocation can do better than: which tensors the banks of every subgraph could hold, were any free banks as
// good as contiguous ones. Private to the allocator, which stops looking once it gets there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/mapping/allocator.hpp"

namespace lanewise::mapping {

struct KeepBound {
  std::int64_t saved_bytes = 0;
  std::int64_t bank_subgraphs = 0;  // occupied banks summed over subgraphs: the fewest with which so much is saved
};

// The most saved bytes, and of the choices that save as much the fewest bank_subgraphs, over all choices among the
// lifetimes flagged in `possible` that stay within the room of every subgraph. Found subgraph by subgraph, over the
// sets of tensors that may be kept at once (dynamic programming); nullopt where these are too many.
std::optional<KeepBound> keep_bound(const std::vector<Lifetime>& lifetimes, const std::vector<bool>& possible,
                                    const std::vector<std::int64_t>& room);

}  // namespace lanewise::mapping
