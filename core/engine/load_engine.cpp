// SPDX-License-Identifier: Apache-2.0
// Raw texts and overrides in, a validated engine out.
#include <algorithm>
#include <string>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/engine/cross_rules.hpp"
#include "core/engine/engine_config.hpp"
#include "core/engine/guessed_keys.hpp"
#include "core/engine/parameter_table.hpp"
#include "core/engine/raw_config.hpp"

namespace lanewise::engine {
namespace {

// What a person gave to --set, or another option, on one line whatever it holds.
std::string shown(const std::string& change, const std::string& option = Override().origin) {
  constexpr std::size_t kLongest = 200;
  std::string text = option + " " + change.substr(0, kLongest) + (change.size() > kLongest ? "..." : "");
  if (!is_short_line(text)) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return !is_short_line(std::string(1, c)); }, '?');
  }
  return text;
}

std::string shown(const Override& change) { return shown(change.key + "=" + change.value, change.origin); }

void apply(EngineConfig& config, const Override& change) {
  if (!is_short_line(change.key + "=" + change.value)) throw Error(shown(change) + ": must be one short line");
  try {
    const Parameter& parameter = require_parameter(change.key);
    store(parameter, parse_value(parameter, change.value), config);
  } catch (const Error& error) {
    throw Error(shown(change) + ": " + error.what());
  }
}

// The last override of a key is the one that counts.
const Override* last_override(const std::vector<Override>& overrides, const std::string& key) {
  const auto found =
      std::find_if(overrides.rbegin(), overrides.rend(), [&](const Override& o) { return o.key == key; });
  return found == overrides.rend() ? nullptr : &*found;
}

// Where the first value behind a broken rule came from: overrides before the file.
std::string culprit(const BrokenRule& broken, const RawConfig* raw, const std::vector<Override>& overrides) {
  std::string changes;
  for (const std::string& key : broken.keys) {
    if (const Override* change = last_override(overrides, key))
      changes += (changes.empty() ? "" : " ") + shown(*change);
  }
  if (!changes.empty()) return changes + ": ";
  if (raw == nullptr) return "";
  for (const std::string& key : broken.keys) {
    if (const RawEntry* entry = raw->find(key)) return raw->place(*entry);
  }
  return raw->path + ": ";
}

void require_rules(const EngineConfig& config, const RawConfig* raw, const std::vector<Override>& overrides) {
  if (const auto broken = broken_rule(config)) throw Error(culprit(*broken, raw, overrides) + broken->message);
}

// Known keys of the file, or an error that tells a section from a misspelt key.
void require_known(const RawConfig& raw, const RawEntry& entry) {
  if (find_parameter(entry.key) != nullptr) return;
  const std::vector<std::string> keys = parameter_keys();
  const std::string section = entry.key + ".";
  const bool is_section = std::any_of(
      keys.begin(), keys.end(), [&](const std::string& key) { return key.compare(0, section.size(), section) == 0; });
  if (is_section) throw Error(raw.place(entry) + "is a section of keys, not a value");
  throw Error(raw.place(entry) + "unknown key" + key_hint(entry.key));
}

// Stores what the file or the table's default says. Returns the origin; empty where only an override can fill the key.
std::string store_from_file(const RawConfig& raw, const Parameter& parameter, EngineConfig& config) {
  const RawEntry* entry = raw.find(parameter.key);
  if (entry == nullptr) {
    if (parameter.fallback == nullptr) return "";
    store(parameter, parse_value(parameter, parameter.fallback), config);
    return "default";
  }
  try {
    store(parameter, parse_value(parameter, single_value(raw, *entry)), config);
  } catch (const Error& error) {
    const std::string what = error.what();
    const std::string place = raw.place(*entry);
    throw Error(what.compare(0, place.size(), place) == 0 ? what : place + what);
  }
  return raw.path + ":" + std::to_string(entry->line);
}

}  // namespace

Override parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) throw Error(shown(text) + ": must be KEY=VALUE");
  return {text.substr(0, equals), text.substr(equals + 1), Override().origin};
}

LoadedEngine load_engine(const std::string& path, const std::vector<Override>& overrides) {
  return load_engine(read_raw_config(path), overrides);
}

LoadedEngine load_engine(const RawConfig& raw, const std::vector<Override>& overrides) {
  for (const RawEntry& entry : raw.entries) require_known(raw, entry);

  LoadedEngine loaded;
  for (const Parameter& parameter : parameter_table()) {
    std::string origin = store_from_file(raw, parameter, loaded.config);
    if (const Override* change = last_override(overrides, parameter.key)) origin = change->origin;
    if (origin.empty()) throw Error(raw.path + ": key '" + std::string(parameter.key) + "': missing");
    loaded.leaves.push_back({parameter.key, "", origin});
  }
  const EngineConfig as_written = loaded.config;
  for (const Override& change : overrides) apply(loaded.config, change);
  require_rules(loaded.config, &raw, overrides);
  for (Leaf& leaf : loaded.leaves) {
    leaf.value = value_text(loaded.config, leaf.key);
    if (last_override(overrides, leaf.key) == nullptr) continue;
    const bool has_value = raw.find(leaf.key) != nullptr || find_parameter(leaf.key)->fallback != nullptr;
    if (has_value && value_text(as_written, leaf.key) == leaf.value) continue;
    loaded.config.overrides.push_back({leaf.key, leaf.value});
  }
  return loaded;
}

EngineConfig with_overrides(const EngineConfig& config, const std::vector<Override>& overrides) {
  EngineConfig changed = config;
  for (const Override& change : overrides) apply(changed, change);
  require_rules(changed, nullptr, overrides);
  return changed;
}

std::string engine_hash(const EngineConfig& config) {
  std::string text;
  for (const Parameter& parameter : parameter_table()) {
    const Value value = fetch(parameter, config);
    if (std::holds_alternative<std::string>(value)) continue;  // names time nothing
    const std::string shown = text_of(value);
    if (parameter.later && shown == parameter.fallback) continue;
    text += std::string(parameter.key) + "=" + shown + "\n";
  }
  return hex_hash(text);
}

}  // namespace lanewise::engine
