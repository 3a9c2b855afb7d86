// SPDX-License-Identifier: Apache-2.0
// The keys of an hwconfig as the program knows them: unit or kind, range, default and meaning.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::report {

// JSON: an array of {"key", "notation", "low", "high", "required", "default", "meaning"}; "low" and "high" are null
// where any value is taken, "default" is null where the key is required. CSV and text: one row per key.
std::string engine_keys_json(const std::vector<engine::ParameterReference>& keys);
std::string engine_keys_csv(const std::vector<engine::ParameterReference>& keys);
std::string engine_keys_text(const std::vector<engine::ParameterReference>& keys);

}  // namespace lanewise::report
