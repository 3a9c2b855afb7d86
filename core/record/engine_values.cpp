// SPDX-License-Identifier: Apache-2.0
#include "core/record/engine_values.hpp"

#include <set>

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
    values.emplace_back(key, one_line(engine::value_text(engine, key)));
  }
  return values;
}

engine::EngineConfig engine_from_values(const std::vector<std::pair<std::string, std::string>>& values) {
  static const std::vector<std::string> keys = engine::parameter_keys();
  static const std::set<std::string> known(keys.begin(), keys.end());
  std::vector<engine::Override> overrides;
  for (const auto& [key, value] : values) {
    if (known.count(key) > 0) overrides.push_back({key, value});
  }
  return engine::with_overrides(engine::EngineConfig{}, overrides);
}

}  // namespace lanewise::record
