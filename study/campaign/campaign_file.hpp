// SPDX-License-Identifier: Apache-2.0
// A campaign as a file: campaigns/*.yaml. docs/campaigns.md explains every key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "study/campaign/campaign.hpp"

namespace lanewise::study {

struct CampaignFile {
  std::string name;
  std::vector<std::string> networks;  // paths with patterns resolved, each once, in the order of the file; may be empty
  std::optional<std::int64_t> batch;  // networks.batch; unset: as the networks' files say
  std::vector<std::pair<std::string, std::int64_t>> dims;   // networks.dims, as `--dim` takes them
  std::vector<std::pair<std::string, std::string>> inputs;  // networks.inputs, as `--input` takes them
  std::string custom;                                       // networks.custom: a path; "" where there is none
  std::string precision;                    // networks.precision, as `--precision` takes it; "": the importer's
  std::string hwconfig;                     // path
  std::vector<engine::Override> overrides;  // engines.set, applied to the base engine
  std::vector<engine::FamilyRange> ranges;  // engines.ranges: instead of, or beside, the family's
  CampaignOptions options;
};

// Reads and validates a campaign file. Paths in the file are relative to its folder. Throws Error naming file, line,
// key, value and rule. The networks themselves are not read.
CampaignFile load_campaign_file(const std::string& path);

// The family with `ranges` in place of its own for the same keys; further keys are appended.
engine::Family with_ranges(engine::Family family, const std::vector<engine::FamilyRange>& ranges);

}  // namespace lanewise::study
