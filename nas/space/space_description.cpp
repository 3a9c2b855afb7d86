// SPDX-License-Identifier: Apache-2.0
// Space descriptions in two layers: the entries as written (core/engine/raw_config.hpp), then the description.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "core/base/error.hpp"
#include "core/engine/raw_config.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

using engine::RawConfig;
using engine::RawEntry;

constexpr const char* kVary = "engine.vary";

// The value, which may be neither a list nor empty.
const std::string& single(const RawConfig& raw, const RawEntry& entry) {
  const std::string& value = engine::single_value(raw, entry);
  if (value.empty()) refuse(raw, entry, value, "must hold a value");
  return value;
}

double number(const RawConfig& raw, const RawEntry& entry, const std::string& text, double low, double high) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high)) {
    refuse(raw, entry, text, fmt::format("must be a number from {} to {}", low, high));
  }
  return value;
}

// Index of the value among `choices`.
std::size_t choice(const RawConfig& raw, const RawEntry& entry, const std::vector<std::string>& choices) {
  const std::string& value = single(raw, entry);
  const auto found = std::find(choices.begin(), choices.end(), value);
  if (found == choices.end()) refuse(raw, entry, value, fmt::format("must be one of: {}", fmt::join(choices, ", ")));
  return static_cast<std::size_t>(found - choices.begin());
}

void read_multipliers(const RawConfig& raw, const RawEntry& entry, SpaceDescription& space) {
  std::vector<double>& known = space.depth_multipliers;
  known.clear();
  for (const std::string& text : entry.values) {
    const double value = number(raw, entry, text, 0.05, 8);
    if (std::find(known.begin(), known.end(), value) != known.end()) refuse(raw, entry, text, "is given twice");
    known.push_back(value);
  }
  if (std::find(known.begin(), known.end(), 1.0) == known.end()) {
    refuse(raw, entry, fmt::format("{}", fmt::join(entry.values, ", ")), "must contain 1, the network as it is");
  }
}

void read_vary(const RawConfig& raw, const RawEntry& entry, SpaceDescription& space) {
  space.vary =
      choice(raw, entry, {"none", "family"}) == 0 ? SpaceDescription::Vary::kNone : SpaceDescription::Vary::kFamily;
}

// A key of the format, whether it must be there, and what reads it.
struct Key {
  std::string name;
  bool required;
  std::function<void(const RawConfig&, const RawEntry&, SpaceDescription&)> read;
};

std::vector<Key> make_keys() {
  using Raw = const RawConfig&;
  using Entry = const RawEntry&;
  using Space = SpaceDescription&;
  std::vector<Key> all = {
      {"name", true, [](Raw r, Entry e, Space s) { s.name = single(r, e); }},
      {"network.fuse_ibn", false,
       [](Raw r, Entry e, Space s) {
         s.fuse_ibn = choice(r, e, {"false", "true"}) == 1;
       }},
      {"network.depth_multipliers", false, read_multipliers},
      {"network.channel_alignment", false,
       [](Raw r, Entry e, Space s) {
         s.align_channels = choice(r, e, {"none", "parallelism_factor"}) == 1;
       }},
      {kVary, false, read_vary},
      {"engine.area_budget", false,
       [](Raw r, Entry e, Space s) { s.area_budget = number(r, e, single(r, e), 0, 100); }},
  };
  // The section of an accuracy oracle is read as a whole, after the others.
  for (const std::string& key : accuracy_keys()) all.push_back({key, false, [](Raw, Entry, Space) {}});
  return all;
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all = make_keys();
  return all;
}

void read_engine_key(const RawConfig& raw, const RawEntry& entry, SpaceDescription& space) {
  const std::string key = entry.key.substr(std::string(kVary).size() + 1);
  std::vector<std::string> known;
  for (const std::string& candidate : engine::parameter_keys()) {
    if (candidate != "name" && candidate != "family" && candidate != "description") known.push_back(candidate);
  }
  if (std::find(known.begin(), known.end(), key) == known.end()) {
    refuse(raw, entry, key, "is no key of an engine that may vary" + engine::suggestion(key, known));
  }
  if (!entry.is_list || entry.values.empty()) throw Error(raw.place(entry) + "must be a list of values");
  for (auto value = entry.values.begin(); value != entry.values.end(); ++value) {
    if (std::find(entry.values.begin(), value, *value) != value) refuse(raw, entry, *value, "is given twice");
  }
  space.vary = SpaceDescription::Vary::kListed;
  space.engine.push_back({key, entry.values, {}});
  space.engine_origins.push_back(fmt::format("{}:{}", raw.path, entry.line));
}

}  // namespace

std::vector<std::string> space_keys() {
  std::vector<std::string> names;
  for (const Key& key : keys()) {
    names.push_back(key.name);
    if (names.back() == kVary) names.push_back(std::string(kVary) + ".<key>");
  }
  return names;
}

SpaceDescription load_space(const std::string& path) {
  const RawConfig raw = engine::read_raw_config(path);
  SpaceDescription space;
  space.depth_multipliers = {1.0};
  for (const RawEntry& entry : raw.entries) {
    if (entry.key.rfind(std::string(kVary) + ".", 0) == 0) {
      read_engine_key(raw, entry, space);
      continue;
    }
    const auto key = std::find_if(keys().begin(), keys().end(), [&](const Key& k) { return entry.key == k.name; });
    if (key == keys().end()) engine::refuse_unknown_key(raw, entry, space_keys());
    key->read(raw, entry, space);
  }
  space.accuracy = read_accuracy_settings(raw);
  for (const Key& key : keys()) {
    if (key.required && raw.find(key.name) == nullptr) {
      throw Error(fmt::format("{}: key '{}': missing", path, key.name));
    }
  }
  return space;
}

}  // namespace lanewise::nas
