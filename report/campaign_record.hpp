// SPDX-License-Identifier: Apache-2.0
// What stores and models keep of the campaigns that measured their rows.
#pragma once

#include <string>
#include <vector>

#include "core/record/campaign_record.hpp"
#include "report/json.hpp"

namespace lanewise::report {

// [{"hash", "values": {KEY: TEXT}}], keys as in campaign files and in the record's order.
Json campaigns_json(const std::vector<record::CampaignRecord>& campaigns);
// One line: "quick-ne: 42,000 rows, 300 engines by latin_hypercube with the family's members, seed 1 (HASH)".
std::string campaign_line(const record::CampaignRecord& campaign);
// That line for each campaign, and the ranges that its engines were drawn from; "" where there are none.
std::string campaigns_text(const std::vector<record::CampaignRecord>& campaigns);

}  // namespace lanewise::report
