// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/accuracy_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "nas/oracles/accuracy_oracle.hpp"

namespace lanewise::nas {
namespace {

using engine::RawConfig;
using engine::RawEntry;
using Kind = AccuracyKey::Kind;

std::string full_name(const AccuracyOracleKind& kind, const char* key) { return std::string(kind.section) + "." + key; }

const AccuracyKey* key_of(const AccuracyOracleKind& kind, const std::string& full) {
  for (const AccuracyKey& key : kind.keys) {
    if (full == full_name(kind, key.name)) return &key;
  }
  return nullptr;
}

double bounded(const RawConfig& raw, const RawEntry& entry, const AccuracyKey& key, const std::string& text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = key.kind == Kind::kWhole;
  const bool read = status == std::errc() && end == text.data() + text.size() && (!whole || value == std::floor(value));
  if (!read || !(value >= key.low && value <= key.high)) {
    refuse(raw, entry, text,
           fmt::format("must be a {} from {} to {}", whole ? "whole number" : "number", key.low, key.high));
  }
  return value;
}

double seconds(const RawConfig& raw, const RawEntry& entry, const AccuracyKey& key, const std::string& text) {
  const double value = engine::placed(raw, entry, [&] { return parse_seconds(text).count(); });
  if (!(value >= key.low && value <= key.high)) {
    refuse(raw, entry, text,
           fmt::format("must be from {} to {}", to_text(Seconds(key.low)), to_text(Seconds(key.high))));
  }
  return value;
}

// A list is taken as it is. A text is cut at its spaces; what would need a shell to read it must be a list.
std::vector<std::string> words_of(const RawConfig& raw, const RawEntry& entry) {
  std::vector<std::string> words;
  if (entry.is_list) {
    words = entry.values;
  } else {
    const std::string& text = engine::single_value(raw, entry);
    if (text.find_first_of("\"'\\`$|&;<>") != std::string::npos) {
      refuse(raw, entry, text,
             "is not read by a shell: must be a program and its arguments with spaces between them, or a list of "
             "these, [prog, arg]");
    }
    std::string word;
    for (const char c : text + " ") {
      if (c != ' ' && c != '\t') {
        word += c;
      } else if (!word.empty()) {
        words.push_back(std::exchange(word, ""));
      }
    }
  }
  if (words.empty() || words.front().empty()) refuse(raw, entry, "", "must begin with a program");
  return words;
}

std::string path_beside(const std::string& folder, const std::string& path) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

void read_key(const RawConfig& raw, const RawEntry& entry, const AccuracyKey& key, AccuracySettings& settings) {
  settings.places[key.name] = raw.place(entry);
  if (key.kind == Kind::kWords) {
    settings.words[key.name] = words_of(raw, entry);
    return;
  }
  const std::string& text = engine::single_value(raw, entry);
  if (text.empty()) refuse(raw, entry, text, "must hold a value");
  switch (key.kind) {
    case Kind::kNumber:
    case Kind::kWhole:
      settings.numbers[key.name] = bounded(raw, entry, key, text);
      break;
    case Kind::kDuration:
      settings.numbers[key.name] = seconds(raw, entry, key, text);
      break;
    case Kind::kChoice:
      if (std::find(key.choices.begin(), key.choices.end(), text) == key.choices.end()) {
        refuse(raw, entry, text, fmt::format("must be one of: {}", fmt::join(key.choices, ", ")));
      }
      settings.texts[key.name] = text;
      break;
    case Kind::kFile:
      settings.texts[key.name] = path_beside(settings.folder, text);
      break;
    case Kind::kText:
    case Kind::kWords:
      settings.texts[key.name] = text;
      break;
  }
}

// The kinds that share the section, and the names of their keys that tell them apart.
std::string choosing_keys(const std::string& section) {
  std::string names;
  for (const AccuracyOracleKind& kind : accuracy_oracles()) {
    if (kind.section == section) names += (names.empty() ? "'" : " or '") + full_name(kind, kind.name) + "'";
  }
  return names;
}

// Whether another kind has the same section, so that a key of its own chooses it.
bool shares_section(const AccuracyOracleKind& kind) {
  return std::count_if(accuracy_oracles().begin(), accuracy_oracles().end(),
                       [&](const AccuracyOracleKind& other) { return std::string(other.section) == kind.section; }) > 1;
}

// Which kind the entries choose; nullptr where there are none.
const AccuracyOracleKind* chosen_kind(const RawConfig& raw, const std::vector<const RawEntry*>& entries) {
  const AccuracyOracleKind* chosen = nullptr;
  const RawEntry* by = nullptr;
  for (const AccuracyOracleKind& kind : accuracy_oracles()) {
    for (const RawEntry* entry : entries) {
      const bool chooses =
          shares_section(kind) ? entry->key == full_name(kind, kind.name) : key_of(kind, entry->key) != nullptr;
      if (!chooses || chosen == &kind) continue;
      if (chosen != nullptr) {
        const RawEntry& later = by->line > entry->line ? *by : *entry;
        const RawEntry& first = by->line > entry->line ? *entry : *by;
        throw Error(fmt::format("{}'{}' in line {} already says what stands for quality: must be one of the two",
                                raw.place(later), first.key, first.line));
      }
      chosen = &kind;
      by = entry;
    }
  }
  if (chosen == nullptr && !entries.empty()) {
    const std::string section = entries.front()->key.substr(0, entries.front()->key.find('.'));
    throw Error(fmt::format("{}the section needs the key {}", raw.place(*entries.front()), choosing_keys(section)));
  }
  return chosen;
}

}  // namespace

double AccuracySettings::number(const std::string& key, double otherwise) const {
  const auto found = numbers.find(key);
  return found == numbers.end() ? otherwise : found->second;
}

std::string AccuracySettings::text(const std::string& key, const std::string& otherwise) const {
  const auto found = texts.find(key);
  return found == texts.end() ? otherwise : found->second;
}

std::string AccuracySettings::place(const std::string& key) const {
  const auto found = places.find(key);
  return found == places.end() ? "" : found->second;
}

std::vector<std::string> accuracy_keys() {
  std::vector<std::string> names;
  for (const AccuracyOracleKind& kind : accuracy_oracles()) {
    for (const AccuracyKey& key : kind.keys) {
      const std::string name = full_name(kind, key.name);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

AccuracySettings read_accuracy_settings(const RawConfig& raw) {
  const std::vector<std::string> known = accuracy_keys();
  std::vector<const RawEntry*> entries;
  for (const RawEntry& entry : raw.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) entries.push_back(&entry);
  }
  AccuracySettings settings;
  settings.oracle = accuracy_oracles().front().name;
  settings.folder = std::filesystem::path(raw.path).parent_path().string();
  const AccuracyOracleKind* const kind = chosen_kind(raw, entries);
  if (kind == nullptr) return settings;
  settings.oracle = kind->name;
  for (const RawEntry* entry : entries) {
    const AccuracyKey* const key = key_of(*kind, entry->key);
    if (key == nullptr) {
      throw Error(fmt::format("{}does not go with '{}'", raw.place(*entry), full_name(*kind, kind->name)));
    }
    read_key(raw, *entry, *key, settings);
  }
  for (const AccuracyKey& key : kind->keys) {
    if (key.required && settings.places.count(key.name) == 0) {
      throw Error(fmt::format("{}: key '{}': missing beside '{}'", raw.path, full_name(*kind, key.name),
                              full_name(*kind, kind->name)));
    }
  }
  return settings;
}

}  // namespace lanewise::nas
