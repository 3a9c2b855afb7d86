// SPDX-License-Identifier: Apache-2.0
#include "core/record/engine_values.hpp"

#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::record {
namespace {

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> engine_values(const engine::EngineConfig& engine) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const std::string& key : engine::parameter_keys()) {
    std::string value = engine::value_text(engine, key);
    const std::optional<std::string> absent = engine::value_where_absent(key);
    if (absent && *absent == value) continue;
    values.emplace_back(key, one_line(std::move(value)));
  }
  return values;
}

engine::EngineConfig engine_from_values(const std::vector<std::pair<std::string, std::string>>& values) {
  static const std::vector<std::string> keys = engine::parameter_keys();
  static const std::set<std::string> known(keys.begin(), keys.end());
  std::vector<engine::Override> overrides;
  std::set<std::string> missing = known;
  for (const auto& [key, value] : values) {
    if (known.count(key) == 0) {
      if (key == kOutsideRangesKey) continue;
      throw Error("its engine has the unknown key '" + key + "'");
    }
    if (missing.erase(key) == 0) throw Error("its engine has the key '" + key + "' twice");
    overrides.push_back({key, value});
  }
  for (auto key = missing.begin(); key != missing.end();) {
    const std::optional<std::string> absent = engine::value_where_absent(*key);
    if (absent) overrides.push_back({*key, *absent});
    key = absent ? missing.erase(key) : std::next(key);
  }
  if (!missing.empty()) throw Error("its engine has no value of '" + *missing.begin() + "'");
  return engine::with_overrides(engine::EngineConfig{}, overrides);
}

}  // namespace lanewise::record
