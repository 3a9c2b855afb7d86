// SPDX-License-Identifier: Apache-2.0
// What a campaign did, as plain data.
#pragma once

#include <cstdint>
#include <string>

namespace lanewise::study {

struct CampaignReport {
  std::string store, family;
  std::int64_t rows = 0;               // in the store afterwards
  std::int64_t planned = 0;            // of this campaign
  std::int64_t engines = 0;            // of this campaign
  std::int64_t measured = 0;           // by this run
  std::int64_t stored = 0;             // of this campaign, measured by earlier runs
  std::int64_t failed = 0;             // measured by this run without success; kept with the reason
  std::int64_t refused_engines = 0;    // combinations of the family's ranges that no engine can have
  std::int64_t refused_networks = 0;   // (network, engine) that cannot run
  std::int64_t complete_networks = 0;  // (network, engine) with all subgraphs in this campaign
  std::string shard;                   // "I/N": all numbers but `rows` are of this shard; "": of the whole campaign
};

}  // namespace lanewise::study
