// SPDX-License-Identifier: Apache-2.0
// What the file of a family says about the check of the simulator against RTL of its members.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// The section `checked_against_rtl:` of hwconfigs/families/<family>.yaml. All five keys are required.
struct RtlCheck {
  std::int64_t rows = 0;             // rows: measurements that were simulated
  double mape_percent = 0;           // mape: "0.1 %"
  double worst_percent = 0;          // worst: "1.9 %"
  std::string source;                // source: where the rows come from, one line
  std::vector<std::string> members;  // members: names of the hwconfigs checked, without .yaml
};

// nullopt where the engine at `hwconfig_path` has no family file, or one without this section. Throws Error naming
// file, line, key and rule where the section is malformed.
std::optional<RtlCheck> load_rtl_check(const std::string& hwconfig_path, const std::string& family);

// Whether `config`, which was loaded from `hwconfig_path` with any overrides, is one of the checked engines and has all
// its values.
bool is_checked_member(const RtlCheck& check, const std::string& hwconfig_path, const EngineConfig& config);

}  // namespace lanewise::engine
