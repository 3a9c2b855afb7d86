// SPDX-License-Identifier: Apache-2.0
// Values of an engine's keys as plain numbers, for tables that programs read: the unit stands in the column's name.
#pragma once

#include <string>

namespace lanewise::engine {

// The column of a key.
struct PlainColumn {
  std::string name;  // the key, and behind it the unit where values of the key carry one: "memory.bank_size_bytes"
  std::string unit;  // "bytes", "bytes per cycle", "bytes per second", "hertz", "seconds", "picojoules",
                     // "picojoules per byte", "milliwatts", "square millimetres", "cycles", "number", "flag" or "text"
};
// Keys that no engine has any more, of rows by other versions of the tool, stay as they are: unit "text".
PlainColumn plain_column(const std::string& key);
// The value in that unit, which `text` says as --set takes it: "32 KiB" is "32768", "true" is "1". Words (dense_groups,
// 2:4) and values of keys that are not known stay as they are. The shortest text that reads back as the same number.
// Throws Error naming the key where `text` is no value of it.
std::string plain_value(const std::string& key, const std::string& text);

}  // namespace lanewise::engine
