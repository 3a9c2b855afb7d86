// SPDX-License-Identifier: Apache-2.0
// One campaign measured by many machines that know nothing of each other: each takes a share of the plan.
#pragma once

#include <cstdint>
#include <string>

#include "study/campaign.hpp"

namespace lanewise::study {

// The `index`-th of `count` shares. 1 <= index <= count <= kMostShards.
struct Shard {
  std::int64_t index = 1, count = 1;
};
inline constexpr std::int64_t kMostShards = 1000000;

// "I/N", both whole numbers, counted from 1. Throws Error that quotes the text and says the rule.
Shard parse_shard(const std::string& text);

// Whether a row belongs to the shard: stable_hash("shard:" engine hash, space, subgraph key) modulo `count`. It depends
// on nothing else, so that every row belongs to exactly one shard, and stays there when the campaign grows.
bool in_shard(const Shard& shard, const std::string& engine_hash, const std::string& subgraph_key);

// Leaves the campaign only the jobs of the shard, in their order; its engines stay.
void keep_shard(Campaign& campaign, const Shard& shard);

}  // namespace lanewise::study
