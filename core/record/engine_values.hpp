// SPDX-License-Identifier: Apache-2.0
// An engine as text, key by key: what stores keep of it and what worker processes are told.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::record {

// Kept beside an engine's own keys in the store: "true" where a value lies beyond the family's ranges.
inline constexpr const char* kOutsideRangesKey = "campaign.outside_ranges";

// Every key with its value as text, on one line each.
std::vector<std::pair<std::string, std::string>> engine_values(const engine::EngineConfig& engine);
// The inverse. Keys that no engine has, such as kOutsideRangesKey, are passed over. Throws Error on a value that its
// key cannot have.
engine::EngineConfig engine_from_values(const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace lanewise::record
