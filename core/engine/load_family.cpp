// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"
#include "core/engine/parameter_table.hpp"
#include "core/engine/raw_config.hpp"
#include "core/engine/raw_followers.hpp"
#include "core/engine/raw_rtl_check.hpp"
#include "core/engine/suggestion.hpp"

namespace lanewise::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRanges = "ranges.";
constexpr const char* kValues = ".values";
constexpr const char* kOutsideValues = ".outside_values";

bool starts_with(const std::string& text, const std::string& head) { return text.compare(0, head.size(), head) == 0; }
bool ends_with(const std::string& text, const std::string& tail) {
  return text.size() > tail.size() && text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
}

// The .yaml files of the folder that name the family; each must load.
std::vector<std::string> members_of(const fs::path& folder, const std::string& family) {
  std::vector<std::string> paths;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, failed)) {
    if (entry.path().extension() == ".yaml" && !entry.is_directory()) {
      paths.push_back((folder / entry.path().filename()).string());
    }
  }
  if (failed) throw Error(folder.string() + ": cannot be listed");
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> members;
  for (const std::string& path : paths) {
    const RawConfig raw = read_raw_config(path);
    const RawEntry* named = raw.find("family");
    if (named == nullptr || named->values != std::vector<std::string>{family}) continue;
    load_engine(path);
    members.push_back(path);
  }
  return members;
}

// The values of one list, each as --set takes it.
std::vector<std::string> values_of(const RawConfig& raw, const RawEntry& entry, const Parameter& parameter,
                                   std::set<std::string>& seen) {
  if (!entry.is_list) throw Error(raw.place(entry) + "must be a list of values");
  std::vector<std::string> values;
  for (const std::string& text : entry.values) {
    std::string value;
    try {
      value = text_of(parse_value(parameter, text));
    } catch (const Error& error) {
      throw Error(raw.place(entry) + error.what());
    }
    if (!seen.insert(value).second) throw Error(raw.place(entry) + "'" + text + "' is given twice");
    values.push_back(value);
  }
  return values;
}

const Parameter& ranged_parameter(const RawConfig& raw, const RawEntry& entry, const std::string& key) {
  const Parameter* parameter = find_parameter(key);
  if (parameter == nullptr) {
    throw Error(raw.place(entry) + "'" + key + "' is no key of an hwconfig" + suggestion(key, parameter_keys()));
  }
  EngineConfig shape;
  if (std::holds_alternative<std::string*>(parameter->slot(shape))) {
    throw Error(raw.place(entry) + "'" + key + "' is a text and has no range");
  }
  return *parameter;
}

std::vector<FamilyRange> ranges_of(const RawConfig& raw) {
  std::vector<FamilyRange> ranges;
  for (const RawEntry& entry : raw.entries) {
    if (entry.key == "name" || is_rtl_check(entry) || is_follow_entry(entry)) continue;
    if (!starts_with(entry.key, kRanges) || !(ends_with(entry.key, kValues) || ends_with(entry.key, kOutsideValues))) {
      throw Error(
          raw.place(entry) +
          "unknown key: must be name, checked_against_rtl, follow, ranges.KEY.values or ranges.KEY.outside_values");
    }
    if (!ends_with(entry.key, kValues)) continue;
    const std::size_t head = std::string(kRanges).size();
    const std::string key = entry.key.substr(head, entry.key.size() - head - std::string(kValues).size());
    const Parameter& parameter = ranged_parameter(raw, entry, key);
    FamilyRange range;
    range.key = key;
    std::set<std::string> seen;
    range.values = values_of(raw, entry, parameter, seen);
    if (range.values.empty()) throw Error(raw.place(entry) + "must hold at least one value");
    if (const RawEntry* outside = raw.find(kRanges + key + kOutsideValues)) {
      range.outside_values = values_of(raw, *outside, parameter, seen);
    }
    ranges.push_back(range);
  }
  return ranges;
}

// Values outside a range that nobody declared are a misspelt key.
void require_ranges(const RawConfig& raw) {
  for (const RawEntry& entry : raw.entries) {
    if (!ends_with(entry.key, kOutsideValues)) continue;
    const std::string head = entry.key.substr(0, entry.key.size() - std::string(kOutsideValues).size());
    if (raw.find(head + kValues) == nullptr)
      throw Error(raw.place(entry) + "has no '" + head + kValues + "' beside it");
  }
}

}  // namespace

Family load_family(const std::string& hwconfig_path) {
  Family family;
  family.name = load_engine(hwconfig_path).config.family;
  const fs::path folder = fs::path(hwconfig_path).parent_path();
  const std::string path = (folder / "families" / (family.name + ".yaml")).string();
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw Error(path + ": no such file: it must declare the ranges of family '" + family.name + "', which " +
                hwconfig_path + " names");
  }
  const RawConfig raw = read_raw_config(path);
  const RawEntry* name = raw.find("name");
  if (name == nullptr) throw Error(path + ": key 'name': missing");
  if (single_value(raw, *name) != family.name) {
    throw Error(raw.place(*name) + "'" + name->values.front() + "' must be the file's own name, '" + family.name + "'");
  }
  require_ranges(raw);
  rtl_check_of(raw);  // whoever reads the file judges all of it
  follow_rules_of(raw);
  family.ranges = ranges_of(raw);
  if (family.ranges.empty()) throw Error(path + ": key 'ranges': missing");
  family.members = members_of(folder, family.name);
  return family;
}

}  // namespace lanewise::engine
