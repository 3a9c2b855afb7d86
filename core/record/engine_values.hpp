// SPDX-License-Identifier: Apache-2.0
// An engine as text, key by key: the form in which stores keep it and worker processes receive it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::record {

// Kept beside an engine's own keys in the store: "true" where a value lies beyond the family's ranges.
inline constexpr const char* kOutsideRangesKey = "campaign.outside_ranges";

// Every key of the engine with its value as text without line breaks, but those with their value_where_absent.
std::vector<std::pair<std::string, std::string>> engine_values(const engine::EngineConfig& engine);
// Inverse of engine_values; kOutsideRangesKey is ignored. Throws Error naming the key that is missing or that no engine
// has, or whose value it cannot have.
engine::EngineConfig engine_from_values(const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace lanewise::record
