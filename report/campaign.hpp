// SPDX-License-Identifier: Apache-2.0
// The result of a measuring campaign, as people and programs read it.
#pragma once

#include <string>

#include "study/campaign/campaign_report.hpp"

namespace lanewise::report {

std::string to_json(const study::CampaignReport& report);
std::string to_csv(const study::CampaignReport& report);  // one row
std::string to_text(const study::CampaignReport& report);

}  // namespace lanewise::report
