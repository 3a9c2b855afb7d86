// SPDX-License-Identifier: Apache-2.0
// What people look for in an hwconfig under another name, or in another unit than it has.
#pragma once

#include <string>

namespace lanewise::engine {

// What to say behind "unknown key" of an hwconfig: which keys say the same, where `key` is what people would guess, or
// else the suggestion of the nearest key; "" where there is none.
std::string key_hint(const std::string& key);

}  // namespace lanewise::engine
