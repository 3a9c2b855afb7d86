// SPDX-License-Identifier: Apache-2.0
// Private to this module: the section of a family file about keys that follow others.
#pragma once

#include <vector>

#include "core/engine/followers.hpp"
#include "core/engine/raw_config.hpp"

namespace lanewise::engine {

// Whether the entry belongs to that section.
bool is_follow_entry(const RawEntry& entry);
// Empty where the file has no such section. Throws Error where it is malformed.
std::vector<FollowRule> follow_rules_of(const RawConfig& raw);

}  // namespace lanewise::engine
