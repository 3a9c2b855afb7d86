// SPDX-License-Identifier: Apache-2.0
// Shards: one campaign measured by many machines that know nothing of each other. Each takes a share of the plan.
//
// The campaign is cut by engines, in their order: with E engines, shard I of N takes those from (I-1) E/N to I E/N, and
// of an engine that lies across such a border it takes those subgraphs whose hash falls on its side. So every shard
// has the same share of the rows and plans no engines but its own: planning an engine costs about half as much as
// measuring it, and would otherwise be done N times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace lanewise::study {

// The `index`-th of `count` shares. 1 <= index <= count <= kMostShards.
struct Shard {
  std::int64_t index = 1, count = 1;
};
inline constexpr std::int64_t kMostShards = 1000000;

// "I/N", both whole numbers, counted from 1. Throws Error that quotes the text and says the rule.
Shard parse_shard(const std::string& text);

// The part of engine number `engine` of `engines` that the shard takes: the subgraphs with begin <=
// stable_hash("shard:" subgraph key) % count < end. It may be empty. Over all shards of one `count` the parts cover
// each engine exactly once.
struct EnginePart {
  std::int64_t begin = 0, end = 0;
  bool empty() const { return begin >= end; }
};
EnginePart part_of_engine(const Shard& shard, std::size_t engine, std::size_t engines);
bool in_shard(const Shard& shard, const EnginePart& part, const std::string& subgraph_key);

}  // namespace lanewise::study
