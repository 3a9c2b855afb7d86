// SPDX-License-Identifier: Apache-2.0
// Values of entries of a space file, read and judged. Every Error names file, line, key, value and rule.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/engine/raw_config.hpp"

namespace lanewise::nas {

// The value, which may be neither a list nor empty.
const std::string& single(const engine::RawConfig& raw, const engine::RawEntry& entry);
// `text`, one of the entry's values, as a number in [low, high].
double number(const engine::RawConfig& raw, const engine::RawEntry& entry, const std::string& text, double low,
              double high);
// Index of the single value among `choices`.
std::size_t choice(const engine::RawConfig& raw, const engine::RawEntry& entry,
                   const std::vector<std::string>& choices);

}  // namespace lanewise::nas
