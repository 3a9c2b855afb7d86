// SPDX-License-Identifier: Apache-2.0
#include "mcp/json.hpp"

#include <utility>

namespace lanewise::mcp {
namespace {

constexpr std::size_t kLongestShown = 800;

Json typed(const char* type, const char* about) { return {{"type", type}, {"description", about}}; }

}  // namespace

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json number_schema(const char* about) { return typed("number", about); }
Json whole_schema(const char* about) { return typed("integer", about); }
Json text_schema(const char* about) { return typed("string", about); }
Json flag_schema(const char* about) { return typed("boolean", about); }

Json or_null(Json schema) {
  schema["type"] = {schema.at("type"), "null"};
  return schema;
}

Json list_schema(const char* about, Json items) {
  return {{"type", "array"}, {"description", about}, {"items", std::move(items)}};
}

Json map_schema(const char* about, Json values) {
  return {{"type", "object"}, {"description", about}, {"additionalProperties", std::move(values)}};
}

Json object_schema(const char* about, const std::vector<Field>& fields) {
  Json properties = Json::object(), required = Json::array();
  for (const Field& field : fields) {
    properties[field.name] = field.schema;
    if (!field.optional) required.push_back(field.name);
  }
  Json out = {{"type", "object"}};
  if (*about != '\0') out["description"] = about;
  out["properties"] = std::move(properties);
  if (!required.empty()) out["required"] = std::move(required);
  out["additionalProperties"] = false;
  return out;
}

Json picked(const Json& from, const std::vector<const char*>& names) {
  Json out = Json::object();
  for (const char* name : names) {
    if (from.contains(name)) out[name] = from.at(name);
  }
  return out;
}

Json clipped(Json json) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (text.size() <= kLongestShown) return json;
    std::size_t end = kLongestShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "…";
  }
  if (json.is_structured()) {
    for (auto& value : json) value = clipped(std::move(value));
  }
  return json;
}

}  // namespace lanewise::mcp
