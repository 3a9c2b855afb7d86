// SPDX-License-Identifier: Apache-2.0
// The table of the campaigns that a store's rows were measured by. Private to this module.
#pragma once

#include <vector>

#include "core/record/campaign_record.hpp"
#include "core/record/sqlite.hpp"

namespace lanewise::record {

// Makes the table in a store that has none: an empty one, or one that was made before stores kept their campaigns.
void create_campaigns(const Connection& connection);
bool has_campaigns(const Connection& connection);
// Adds it unless it is there; makes the table where it is missing. Not a transaction of its own.
void insert_campaign(const Connection& connection, const CampaignRecord& campaign);
// By hash; none where there is no table. Throws Error naming the file where a campaign is none that can have been, or
// is not the one that its hash says.
std::vector<CampaignRecord> read_campaigns(const Connection& connection);

}  // namespace lanewise::record
