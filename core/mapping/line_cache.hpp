// SPDX-License-Identifier: Apache-2.0
// The cache in front of DRAM that requests of the DMA go through, line by line: which of them find their line there.
// Lines lie in the set that their number gives, modulo the sets. Where all ways of a set are taken, a way is replaced
// at random, from a fixed seed: the same accesses give the same misses. Stores allocate as loads do. Nothing but the
// DMA uses the cache.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::mapping {

class LineCache {
 public:
  // Of an engine that has a cache (`cache.size` above 0).
  explicit LineCache(const engine::EngineConfig& engine);

  // Lines of [address, address + bytes) that are not there; they are afterwards.
  std::int64_t misses(std::int64_t address, std::int64_t bytes);

 private:
  bool access(std::int64_t line);

  std::int64_t line_ = 1, sets_ = 1;
  std::size_t ways_ = 1;
  std::vector<std::int64_t> lines_;  // by set and way; -1: free
  std::uint32_t random_ = 12345;     // xorshift32 (Marsaglia, Xorshift RNGs, 2003)
};

}  // namespace lanewise::mapping
