// SPDX-License-Identifier: Apache-2.0
// What a family's file says of how far the simulator was checked against RTL of its members.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// The section `checked_against_rtl:` of hwconfigs/families/<family>.yaml; all five keys are required.
struct RtlCheck {
  std::int64_t rows = 0;             // rows: measured cycles that were simulated
  double mape_percent = 0;           // mape: "0.1 %"
  double worst_percent = 0;          // worst: "1.9 %"
  std::string source;                // source: where the rows come from, one line
  std::vector<std::string> members;  // members: names of the hwconfigs checked, without .yaml
};

// nullopt where there is no family file beside the engine at `hwconfig_path`, or none that tells of a check. Throws
// Error naming the family's file, line, key and rule for one that is malformed.
std::optional<RtlCheck> load_rtl_check(const std::string& hwconfig_path, const std::string& family);

// Whether `config`, loaded from `hwconfig_path` with whatever overrides, is one of the engines that were checked, with
// all its values.
bool is_checked_member(const RtlCheck& check, const std::string& hwconfig_path, const EngineConfig& config);

}  // namespace lanewise::engine
