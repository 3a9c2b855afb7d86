// SPDX-License-Identifier: Apache-2.0
// What a campaign did, as plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lanewise::study {

// What a person's program did that measured instead of the simulator.
struct ExternalReport {
  std::string source;                  // that the rows are kept under
  std::string command;                 // for people
  std::int64_t runs = 0, retries = 0;  // of the program, by this run
  std::int64_t unanswered = 0;         // subgraphs that it gave no answer for; asked about again by the next run
  double seconds = 0;                  // of all its runs together
  struct Unanswered {
    std::string subgraph_key, reason;
  };
  std::vector<Unanswered> unanswered_first;  // the first few of them
};

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
  std::optional<ExternalReport> external = {};  // unset: the simulator measured
};

}  // namespace lanewise::study
