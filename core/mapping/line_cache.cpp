// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/line_cache.hpp"

#include <algorithm>

namespace lanewise::mapping {

LineCache::LineCache(const engine::EngineConfig& engine)
    : line_(engine.cache.line.count()), ways_(static_cast<std::size_t>(engine.cache.ways)) {
  sets_ = std::max<std::int64_t>(1, engine.cache.size.count() / (line_ * engine.cache.ways));
  lines_.assign(static_cast<std::size_t>(sets_) * ways_, -1);
}

std::int64_t LineCache::misses(std::int64_t address, std::int64_t bytes) {
  std::int64_t count = 0;
  for (std::int64_t line = address / line_; line <= (address + bytes - 1) / line_; ++line) {
    if (!access(line)) ++count;
  }
  return count;
}

bool LineCache::access(std::int64_t line) {
  const auto first = lines_.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(line % sets_) * ways_);
  const auto end = first + static_cast<std::ptrdiff_t>(ways_);
  auto free = end;
  for (auto way = first; way != end; ++way) {
    if (*way == line) return true;
    if (*way < 0) free = way;
  }
  if (free == end) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    free = first + static_cast<std::ptrdiff_t>(random_ % ways_);
  }
  *free = line;
  return false;
}

}  // namespace lanewise::mapping
