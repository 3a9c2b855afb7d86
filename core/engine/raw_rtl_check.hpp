// SPDX-License-Identifier: Apache-2.0
// Private to this module: the section of a family file about its check against RTL.
#pragma once

#include <optional>

#include "core/engine/raw_config.hpp"
#include "core/engine/rtl_check.hpp"

namespace lanewise::engine {

// Whether the entry belongs to that section.
bool is_rtl_check(const RawEntry& entry);
// nullopt where the file has no such section. Throws Error where it is malformed.
std::optional<RtlCheck> rtl_check_of(const RawConfig& raw);

}  // namespace lanewise::engine
