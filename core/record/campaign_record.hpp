// SPDX-License-Identifier: Apache-2.0
// What a campaign was, as stores and model files keep it: where the rows came from, for whoever draws their own.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lanewise::record {

struct CampaignRecord {
  // Keys of docs/campaigns.md with their values as a campaign file has them, lists in brackets; every key that has a
  // meaning for the campaign, those at their default too. Besides `family`, `networks.names` and the description of the
  // engine that others were drawn around, `engine.*` and so on, as `engines.set.KEY`. No paths, no shard, no worker
  // counts: all shards of one campaign have the same record.
  std::vector<std::pair<std::string, std::string>> values;

  // 16 hexadecimal digits over all keys and values.
  std::string hash() const;
  // "" where there is no such key.
  std::string value(const std::string& key) const;
  bool operator==(const CampaignRecord& other) const { return values == other.values; }
};

// Most keys that a campaign's record can have, and most bytes of one key or value: what is larger was damaged.
inline constexpr std::size_t kMostCampaignKeys = 10000;
inline constexpr std::size_t kLongestCampaignValue = 1 << 22;

// Throws Error saying the rule where `values` are none that a campaign can have: no keys, too many, a key twice or
// empty, a text that is too long or has a control character.
void require_possible_campaign(const CampaignRecord& campaign);

// Throws Error where `source` is no name that a store or a model can keep for who measured its rows: empty, longer than
// 200 bytes, or with a control character.
void require_possible_source(const std::string& source);

}  // namespace lanewise::record
