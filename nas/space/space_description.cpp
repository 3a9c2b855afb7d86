// SPDX-License-Identifier: Apache-2.0
// Space descriptions in two layers: the entries as written (core/engine/raw_config.hpp), then the description.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/base/error.hpp"
#include "core/engine/raw_config.hpp"
#include "nas/space/engine_genes.hpp"
#include "nas/space/entry_values.hpp"
#include "nas/space/space_description.hpp"

namespace lanewise::nas {
namespace {

using engine::RawConfig;
using engine::RawEntry;

constexpr const char* kVary = "engine.vary";

void read_vary(const RawConfig& raw, const RawEntry& entry, SpaceDescription& space) {
  using Vary = EngineSettings::Vary;
  space.engine.vary = choice(raw, entry, {"none", "family"}) == 0 ? Vary::kNone : Vary::kFamily;
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
  };
  for (const MoveKey& key : move_keys()) {
    all.push_back({key.name, false, [&key](Raw r, Entry e, Space s) { key.read(r, e, s.moves); }});
  }
  all.push_back({kVary, false, read_vary});
  all.push_back({"engine.follow", false, [](Raw r, Entry e, Space s) {
                   s.engine.follow = choice(r, e, {"false", "true"}) == 1;
                   s.engine.follow_origin = fmt::format("{}:{}", r.path, e.line);
                 }});
  all.push_back({"engine.area_budget", false,
                 [](Raw r, Entry e, Space s) { s.area_budget = number(r, e, single(r, e), 0, 100); }});
  // The section of an accuracy oracle is read as a whole, after the others.
  for (const std::string& key : accuracy_keys()) all.push_back({key, false, [](Raw, Entry, Space) {}});
  return all;
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all = make_keys();
  return all;
}

bool is_move_key(const std::string& name) {
  return std::any_of(move_keys().begin(), move_keys().end(), [&](const MoveKey& key) { return key.name == name; });
}

}  // namespace

std::vector<std::string> space_keys() {
  std::vector<std::string> names;
  for (const Key& key : keys()) {
    names.push_back(key.name);
    if (names.back() == kVary) {
      const std::vector<std::string> more = engine_gene_keys();
      names.insert(names.end(), more.begin(), more.end());
    }
  }
  for (const std::string& key : block_keys()) names.push_back(key);
  for (const std::string& key : number_keys()) names.push_back(key);
  return names;
}

SpaceDescription load_space(const std::string& path) { return parse_space(path, engine::read_config_text(path)); }

SpaceDescription parse_space(const std::string& path, const std::string& text) {
  SpaceDescription space;
  space.source = text;
  const RawConfig raw = engine::parse_raw_config(path, space.source);
  const auto& entries = raw.entries;
  if (std::any_of(entries.begin(), entries.end(), is_block_entry)) {
    const auto move =
        std::find_if(entries.begin(), entries.end(), [](const RawEntry& e) { return is_move_key(e.key); });
    if (move != entries.end()) {
      throw Error(raw.place(*move) + "is a move on a given network, and the file has networks of its own");
    }
    space.blocks = std::make_shared<const BlockSettings>(read_block_settings(raw));
  }
  for (const RawEntry& entry : entries) {
    if (space.blocks != nullptr && entry.key.rfind("network.", 0) == 0) continue;
    if (is_engine_gene_entry(entry) || is_number_entry(entry)) continue;
    const auto key = std::find_if(keys().begin(), keys().end(), [&](const Key& k) { return entry.key == k.name; });
    if (key == keys().end()) engine::refuse_unknown_key(raw, entry, space_keys());
    key->read(raw, entry, space);
  }
  space.accuracy = read_accuracy_settings(raw);
  space.numbers = read_number_rules(raw);
  read_engine_genes(raw, space.engine);
  for (const Key& key : keys()) {
    if (key.required && raw.find(key.name) == nullptr) {
      throw Error(fmt::format("{}: key '{}': missing", path, key.name));
    }
  }
  return space;
}

}  // namespace lanewise::nas
