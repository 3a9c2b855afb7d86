// SPDX-License-Identifier: Apache-2.0
// What a measuring campaign did.
#pragma once

#include <cstdint>
#include <string>

namespace lanewise::report {

struct CampaignReport {
  std::string store, family;
  std::int64_t rows = 0;              // in the store now
  std::int64_t planned = 0;           // of this campaign
  std::int64_t engines = 0;           // of this campaign
  std::int64_t measured = 0;          // now
  std::int64_t stored = 0;            // of this campaign, measured before
  std::int64_t failed = 0;            // measured now without success, kept with the reason
  std::int64_t refused_engines = 0;   // combinations of the family's ranges that no engine can have
  std::int64_t refused_networks = 0;  // (network, engine) that cannot run
  std::string shard;                  // "I/N": `planned` is this share of the campaign's rows; empty: all of them
};

std::string to_json(const CampaignReport& report);
std::string to_text(const CampaignReport& report);

}  // namespace lanewise::report
