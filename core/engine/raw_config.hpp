// SPDX-License-Identifier: Apache-2.0
// The one reader of YAML files: engines, families, search spaces and campaigns. It gives the keys and texts of a file
// as they are written, each with its line, and judges nothing but their form. What the values mean is up to each
// caller.
//
// The rules of form are the same for every kind of file: one YAML document of at most 1 MiB and 20,000 nodes, a map of
// keys; at most 2000 keys in at most 8 levels, each given once and with a value; a value is one text or one list of
// texts, each of one line. The key `format` may be left out, and is 1 where it is given.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// True for a text that may stand in an error message as it is: at most kLongestLine bytes, no control characters.
inline constexpr std::size_t kLongestLine = 1000;
bool is_short_line(const std::string& text);

struct RawEntry {
  std::string key;                  // the sections joined by dots: "engine.clock"
  std::vector<std::string> values;  // one value, or those of the list
  bool is_list = false;
  int line = 0;  // counted from 1
};

struct RawConfig {
  std::string path;
  std::vector<RawEntry> entries;  // in the order of the file, every key once, without `format`

  // nullptr where the file has no such key.
  const RawEntry* find(const std::string& key) const;
  // "PATH:LINE: key 'KEY': "
  std::string place(const RawEntry& entry) const;
};

// Throws Error naming the file, and line and key where there is one, for a file that cannot be read and for whatever
// breaks the rules above.
RawConfig read_raw_config(const std::string& path);
// The same for a text that stands for the file at `path`, or is about to be written there.
RawConfig parse_raw_config(const std::string& path, const std::string& text);
// The text of a file of at most 1 MiB. Throws Error naming it.
std::string read_config_text(const std::string& path);

// The value of an entry. Throws Error where it is a list.
const std::string& single_value(const RawConfig& raw, const RawEntry& entry);

// Throws Error "PATH:LINE: key 'KEY': 'VALUE' RULE".
[[noreturn]] void refuse(const RawConfig& raw, const RawEntry& entry, const std::string& value,
                         const std::string& rule);
// Throws Error "PATH:LINE: key 'KEY': unknown key", with the nearest of the known keys where one is near.
[[noreturn]] void refuse_unknown_key(const RawConfig& raw, const RawEntry& entry,
                                     const std::vector<std::string>& known);

// The result of `call`, with the place of the entry before the message of an Error that it throws.
template <class Call>
auto placed(const RawConfig& raw, const RawEntry& entry, const Call& call) {
  try {
    return call();
  } catch (const Error& error) {
    throw Error(raw.place(entry) + error.what());
  }
}

// Validates what a file says after the overrides are applied: the second half of load_engine(path, overrides), which
// throws the same errors.
LoadedEngine load_engine(const RawConfig& raw, const std::vector<Override>& overrides);

}  // namespace lanewise::engine
