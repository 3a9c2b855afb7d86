// SPDX-License-Identifier: Apache-2.0
#include "core/record/campaign_record.hpp"

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/random.hpp"

namespace lanewise::record {
namespace {

void require_text(const std::string& what, const std::string& text) {
  if (text.size() > kLongestCampaignValue) {
    throw Error("a " + what + " of its campaign has " + std::to_string(text.size()) + " bytes: must have at most " +
                std::to_string(kLongestCampaignValue));
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), control)) {
    throw Error("a " + what + " of its campaign has a control character: must be one line of text");
  }
}

}  // namespace

std::string CampaignRecord::hash() const {
  std::string text;
  // Neither can hold the separator, so that no two records are spelled alike.
  for (const auto& [key, value] : values) text += key + "\n" + value + "\n";
  return hex_hash(text);
}

std::string CampaignRecord::value(const std::string& key) const {
  const auto found = std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == key; });
  return found == values.end() ? "" : found->second;
}

void require_possible_campaign(const CampaignRecord& campaign) {
  if (campaign.values.empty() || campaign.values.size() > kMostCampaignKeys) {
    throw Error("a campaign of it has " + std::to_string(campaign.values.size()) + " keys: must have 1 to " +
                std::to_string(kMostCampaignKeys));
  }
  std::set<std::string> keys;
  for (const auto& [key, value] : campaign.values) {
    require_text("key", key);
    require_text("value", value);
    if (key.empty() || !keys.insert(key).second) {
      throw Error("a campaign of it has the key '" + key + "': each must have a name, and stand there once");
    }
  }
}

void require_possible_source(const std::string& source) {
  constexpr std::size_t kLongestSource = 200;
  if (!source.empty() && source.size() <= kLongestSource && printable(source) == source) return;
  throw Error("the source '" + printable(source.substr(0, kLongestSource)) + "' of measurements must be 1 to " +
              std::to_string(kLongestSource) + " bytes of text without control characters");
}

}  // namespace lanewise::record
