// SPDX-License-Identifier: Apache-2.0
// The first layer of a configuration: keys and texts as the file has them, each with its line. Nothing is judged here
// but the form.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// True for what may stand in an error message as it is: no control characters, at most kLongestLine bytes.
inline constexpr std::size_t kLongestLine = 1000;
bool is_short_line(const std::string& text);

struct RawEntry {
  std::string key;                  // sections joined by dots: "engine.clock"
  std::vector<std::string> values;  // one, or those of a list
  bool is_list = false;
  int line = 0;  // counted from 1
};

struct RawConfig {
  std::string path;
  std::vector<RawEntry> entries;  // in the file's order, every key once

  // nullptr where the file has no such key.
  const RawEntry* find(const std::string& key) const;
  // "PATH:LINE: key 'KEY': "
  std::string place(const RawEntry& entry) const;
};

// Throws Error naming the file, and line and key where there is one: no such file, not a file, too large, empty, not
// YAML, not keys and values, a key twice, a key without a value, several documents.
RawConfig read_raw_config(const std::string& path);
// The same of a text that stands for the file at `path`, or is about to be written there.
RawConfig parse_raw_config(const std::string& path, const std::string& text);
// The text of a file, at most 1 MiB. Throws Error naming it.
std::string read_config_text(const std::string& path);

// The one text of an entry. Throws Error where it is a list.
const std::string& single_value(const RawConfig& raw, const RawEntry& entry);

// Validates what a file says, overrides applied: the second half of engine::load_engine, which throws as this does.
LoadedEngine load_engine(const RawConfig& raw, const std::vector<Override>& overrides);

// Checks that the file says `format: 1`. Throws Error where it does not.
void require_format(const RawConfig& raw);

}  // namespace lanewise::engine
