// SPDX-License-Identifier: Apache-2.0
#include "report/engine_keys.hpp"

#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

// In the words of docs/hwconfig.md, which a test holds against the same table.
std::string key_range(const engine::ParameterReference& key) {
  if (key.low.empty()) return "any";
  return key.low == key.high ? key.low : key.low + " to " + key.high;
}

std::string key_default(const engine::ParameterReference& key) {
  if (key.required) return "required";
  return key.fallback.empty() ? "empty" : key.fallback;
}

}  // namespace

std::string engine_keys_json(const std::vector<engine::ParameterReference>& keys) {
  Json out = Json::array();
  for (const engine::ParameterReference& key : keys) {
    Json one = {{"key", key.key}, {"notation", key.notation}};
    one["low"] = key.low.empty() ? Json() : Json(key.low);
    one["high"] = key.low.empty() ? Json() : Json(key.high);
    one["required"] = key.required;
    one["default"] = key.required ? Json() : Json(key.fallback);
    one["meaning"] = key.meaning;
    out.push_back(std::move(one));
  }
  return dump(out);
}

std::string engine_keys_csv(const std::vector<engine::ParameterReference>& keys) {
  std::string out = record::csv_line({"key", "unit_or_kind", "range", "default", "meaning"});
  for (const engine::ParameterReference& key : keys) {
    out += record::csv_line({key.key, key.notation, key_range(key), key_default(key), key.meaning});
  }
  return out;
}

std::string engine_keys_text(const std::vector<engine::ParameterReference>& keys) {
  const Table::Align left = Table::Align::kLeft;
  Table table({{"key", left}, {"unit or kind", left}, {"range", left}, {"default", left}, {"meaning", left}});
  for (const engine::ParameterReference& key : keys) {
    table.add({key.key, key.notation, key_range(key), key_default(key), key.meaning});
  }
  return table.text();
}

}  // namespace lanewise::report
