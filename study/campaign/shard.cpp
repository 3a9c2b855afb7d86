// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/shard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::study {
namespace {

// Digits alone, at most kMostShards; nullopt for anything else.
std::optional<std::int64_t> parse_count(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  std::int64_t value = 0;
  for (const char digit : text) {
    value = value * 10 + (digit - '0');
    if (value > kMostShards) return std::nullopt;
  }
  return value;
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const std::optional<std::int64_t> index = parse_count(text.substr(0, slash));
    const std::optional<std::int64_t> count = parse_count(text.substr(slash + 1));
    if (index && count && *index >= 1 && *index <= *count) return {*index, *count};
  }
  throw Error(fmt::format("shard '{}': must be I/N with 1 <= I <= N <= {}, as in 3/8", text, kMostShards));
}

EnginePart part_of_engine(const Shard& shard, std::size_t engine, std::size_t engines) {
  // On a line on which every engine is `count` long and every shard `engines`.
  const auto length = static_cast<std::int64_t>(engines);
  const std::int64_t start = static_cast<std::int64_t>(engine) * shard.count;
  return {std::max((shard.index - 1) * length, start) - start,
          std::min(shard.index * length, start + shard.count) - start};
}

bool in_shard(const Shard& shard, const EnginePart& part, const std::string& subgraph_key) {
  if (part.empty()) return false;
  const auto draw =
      static_cast<std::int64_t>(stable_hash("shard:" + subgraph_key) % static_cast<std::uint64_t>(shard.count));
  return part.begin <= draw && draw < part.end;
}

}  // namespace lanewise::study
