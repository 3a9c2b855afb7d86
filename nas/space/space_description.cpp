// SPDX-License-Identifier: Apache-2.0
// Space descriptions in two layers: entries as written, each with its line, then the validated description.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "core/base/error.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

constexpr const char* kVary = "engine.vary";

// A leaf of the file: maps become dotted keys.
struct RawEntry {
  std::string key;
  int line = 0;  // from 1
  bool list = false;
  std::vector<std::string> values;  // one where `list` is false
};

class RawFile {
 public:
  explicit RawFile(const std::string& path) : path_(path) {
    std::ifstream file(path);
    if (!file) throw Error(fmt::format("{}: cannot be read", path));
    std::ostringstream text;
    text << file.rdbuf();
    try {
      const YAML::Node root = YAML::Load(text.str());
      if (!root.IsMap()) throw Error(fmt::format("{}: must be a map of keys (docs/spaces.md)", path));
      flatten(root, "");
    } catch (const YAML::Exception& error) {
      throw Error(fmt::format("{}:{}: not YAML: {}", path, error.mark.line + 1, error.msg));
    }
  }

  const std::vector<RawEntry>& entries() const { return entries_; }

  std::string place(const RawEntry& entry) const { return fmt::format("{}:{}", path_, entry.line); }

  [[noreturn]] void refuse(const RawEntry& entry, const std::string& rule) const {
    const std::string value = fmt::format(entry.list ? "[{}]" : "{}", fmt::join(entry.values, ", "));
    throw Error(fmt::format("{}: {}: {}: {}", place(entry), entry.key, value, rule));
  }

 private:
  void flatten(const YAML::Node& map, const std::string& prefix) {
    for (const auto& item : map) {
      RawEntry entry;
      entry.line = item.first.Mark().line + 1;
      entry.key = prefix + item.first.as<std::string>();
      const auto [line, added] = lines_.emplace(entry.key, entry.line);
      if (!added) {
        throw Error(fmt::format("{}: {}: the key stands already in line {}", place(entry), entry.key, line->second));
      }
      if (item.second.IsMap() && item.second.size() > 0) {
        flatten(item.second, entry.key + ".");
        continue;
      }
      entry.list = item.second.IsSequence();
      if (entry.list) {
        for (const YAML::Node& element : item.second) entry.values.push_back(scalar(entry, element));
      } else {
        entry.values.push_back(scalar(entry, item.second));
      }
      entries_.push_back(std::move(entry));
    }
  }

  std::string scalar(const RawEntry& entry, const YAML::Node& node) const {
    if (node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
    throw Error(fmt::format("{}: {}: must hold a value or a list of values", place(entry), entry.key));
  }

  std::string path_;
  std::vector<RawEntry> entries_;
  std::map<std::string, int> lines_;  // of every key, sections included
};

const std::string& single(const RawFile& file, const RawEntry& entry) {
  if (entry.list) file.refuse(entry, "must be one value, not a list");
  return entry.values.front();
}

double number(const RawFile& file, const RawEntry& entry, const std::string& text, double low, double high) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size())
    file.refuse(entry, fmt::format("'{}' is not a number", text));
  if (!(value >= low && value <= high)) file.refuse(entry, fmt::format("{} must lie in [{}, {}]", text, low, high));
  return value;
}

// Index of the value among `choices`.
std::size_t choice(const RawFile& file, const RawEntry& entry, const std::vector<std::string>& choices) {
  const std::string& value = single(file, entry);
  const auto found = std::find(choices.begin(), choices.end(), value);
  if (found == choices.end()) file.refuse(entry, fmt::format("must be one of: {}", fmt::join(choices, ", ")));
  return static_cast<std::size_t>(found - choices.begin());
}

void read_multipliers(const RawFile& file, const RawEntry& entry, SpaceDescription& space) {
  space.depth_multipliers.clear();
  for (const std::string& text : entry.values) {
    const double value = number(file, entry, text, 0.05, 8);
    const auto& known = space.depth_multipliers;
    if (std::find(known.begin(), known.end(), value) != known.end())
      file.refuse(entry, fmt::format("{} stands twice", text));
    space.depth_multipliers.push_back(value);
  }
  const auto& all = space.depth_multipliers;
  if (std::find(all.begin(), all.end(), 1.0) == all.end()) file.refuse(entry, "must contain 1, the network as it is");
}

void read_vary(const RawFile& file, const RawEntry& entry, SpaceDescription& space) {
  space.vary =
      choice(file, entry, {"none", "family"}) == 0 ? SpaceDescription::Vary::kNone : SpaceDescription::Vary::kFamily;
}

// Section and key of an accuracy oracle. A file has one oracle's section at most.
void read_accuracy_key(const RawFile& file, const RawEntry& entry, const AccuracyOracleKind& kind,
                       const AccuracyKey& key, SpaceDescription& space) {
  AccuracySettings& settings = space.accuracy;
  const bool first = settings.numbers.empty() && settings.texts.empty();
  if (!first && settings.oracle != kind.name) {
    file.refuse(entry, fmt::format("the section '{}' already says what stands for quality", settings.oracle));
  }
  settings.oracle = kind.name;
  if (key.is_number) {
    settings.numbers[key.name] = number(file, entry, single(file, entry), key.low, key.high);
  } else {
    settings.texts[key.name] = single(file, entry);
  }
}

// A key of the format, what reads it, and whether it must be there.
struct Key {
  std::string name;
  bool required;
  std::function<void(const RawFile&, const RawEntry&, SpaceDescription&)> read;
};

std::vector<Key> make_keys() {
  using File = const RawFile&;
  using Entry = const RawEntry&;
  using Space = SpaceDescription&;
  std::vector<Key> all = {
      {"name", true, [](File f, Entry e, Space s) { s.name = single(f, e); }},
      {"network.fuse_ibn", false,
       [](File f, Entry e, Space s) {
         s.fuse_ibn = choice(f, e, {"false", "true"}) == 1;
       }},
      {"network.depth_multipliers", false, read_multipliers},
      {"network.channel_alignment", false,
       [](File f, Entry e, Space s) {
         s.align_channels = choice(f, e, {"none", "parallelism_factor"}) == 1;
       }},
      {kVary, false, read_vary},
      {"engine.area_budget", false,
       [](File f, Entry e, Space s) { s.area_budget = number(f, e, single(f, e), 0, 100); }},
  };
  for (const AccuracyOracleKind& kind : accuracy_oracles()) {
    for (const AccuracyKey& key : kind.keys) {
      all.push_back({std::string(kind.name) + "." + key.name, false,
                     [&kind, &key](File f, Entry e, Space s) { read_accuracy_key(f, e, kind, key, s); }});
    }
  }
  return all;
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all = make_keys();
  return all;
}

void read_engine_key(const RawFile& file, const RawEntry& entry, SpaceDescription& space) {
  const std::string key = entry.key.substr(std::string(kVary).size() + 1);
  std::vector<std::string> known;
  for (const std::string& candidate : engine::parameter_keys()) {
    if (candidate != "name" && candidate != "family" && candidate != "description") known.push_back(candidate);
  }
  if (std::find(known.begin(), known.end(), key) == known.end()) {
    throw Error(fmt::format("{}: {}: unknown engine key '{}'{}", file.place(entry), entry.key, key,
                            engine::suggestion(key, known)));
  }
  if (!entry.list || entry.values.empty()) file.refuse(entry, "must be a list of values");
  for (auto value = entry.values.begin(); value != entry.values.end(); ++value) {
    if (std::find(entry.values.begin(), value, *value) != value)
      file.refuse(entry, fmt::format("{} stands twice", *value));
  }
  space.vary = SpaceDescription::Vary::kListed;
  space.engine.push_back({key, entry.values, {}});
  space.engine_origins.push_back(file.place(entry));
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
  const RawFile file(path);
  SpaceDescription space;
  space.depth_multipliers = {1.0};
  for (const RawEntry& entry : file.entries()) {
    if (entry.key.rfind(std::string(kVary) + ".", 0) == 0) {
      read_engine_key(file, entry, space);
      continue;
    }
    const auto key = std::find_if(keys().begin(), keys().end(), [&](const Key& k) { return entry.key == k.name; });
    if (key == keys().end()) {
      std::vector<std::string> known;
      for (const Key& k : keys()) known.push_back(k.name);
      throw Error(
          fmt::format("{}: unknown key '{}'{}", file.place(entry), entry.key, engine::suggestion(entry.key, known)));
    }
    key->read(file, entry, space);
  }
  for (const Key& key : keys()) {
    const auto given = [&](const RawEntry& entry) { return entry.key == key.name; };
    if (key.required && std::none_of(file.entries().begin(), file.entries().end(), given)) {
      throw Error(fmt::format("{}: the key '{}' is missing", path, key.name));
    }
  }
  return space;
}

}  // namespace lanewise::nas
