// SPDX-License-Identifier: Apache-2.0
#include "core/record/campaigns_table.hpp"

#include <string>

#include "core/base/error.hpp"

namespace lanewise::record {
namespace {

constexpr const char* kCampaigns = R"sql(
CREATE TABLE IF NOT EXISTS campaigns (
  campaign_hash TEXT NOT NULL,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (campaign_hash, position)
) WITHOUT ROWID;
)sql";

constexpr std::int64_t kMostCampaigns = 100000;

void require_right(const Connection& connection, const std::string& hash, const CampaignRecord& campaign) {
  try {
    require_possible_campaign(campaign);
    if (campaign.hash() != hash) throw Error("the campaign '" + hash + "' of it is not what its hash says");
  } catch (const Error& error) {
    throw Error("measurement store '" + connection.path() + "': is damaged: " + error.what());
  }
}

}  // namespace

void create_campaigns(const Connection& connection) { connection.run(kCampaigns); }

bool has_campaigns(const Connection& connection) {
  return connection.integer("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'campaigns'") > 0;
}

void insert_campaign(const Connection& connection, const CampaignRecord& campaign) {
  require_possible_campaign(campaign);
  create_campaigns(connection);
  const std::string hash = campaign.hash();
  Statement insert(connection, "INSERT OR IGNORE INTO campaigns VALUES (?1,?2,?3,?4)");
  std::int64_t position = 0;
  for (const auto& [key, value] : campaign.values) {
    insert.bind(1, hash).bind(2, position++).bind(3, key).bind(4, value).step();
    insert.reset();
  }
}

std::vector<CampaignRecord> read_campaigns(const Connection& connection) {
  std::vector<CampaignRecord> campaigns;
  if (!has_campaigns(connection)) return campaigns;
  if (connection.integer("SELECT count(DISTINCT campaign_hash) FROM campaigns") > kMostCampaigns) {
    throw Error("measurement store '" + connection.path() + "': is damaged: holds more than " +
                std::to_string(kMostCampaigns) + " campaigns");
  }
  Statement rows(connection, "SELECT campaign_hash, key, value FROM campaigns ORDER BY campaign_hash, position");
  std::string hash;
  while (rows.step()) {
    if (campaigns.empty() || rows.text(0) != hash) {
      if (!campaigns.empty()) require_right(connection, hash, campaigns.back());
      hash = rows.text(0);
      campaigns.emplace_back();
    }
    campaigns.back().values.emplace_back(rows.text(1), rows.text(2));
  }
  if (!campaigns.empty()) require_right(connection, hash, campaigns.back());
  return campaigns;
}

}  // namespace lanewise::record
