// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: JSON values, whose keys keep their order, and the JSON Schemas of tools.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lanewise::mcp {

using Json = nlohmann::ordered_json;

// One line, valid UTF-8 whatever it holds.
std::string line_of(const Json& json);

// Schemas of values. `about` says what the value means, unit first.
Json number_schema(const char* about);
Json whole_schema(const char* about);
Json text_schema(const char* about);
Json flag_schema(const char* about);
Json or_null(Json schema);
Json list_schema(const char* about, Json items);
Json map_schema(const char* about, Json values);

struct Field {
  const char* name;
  Json schema;
  bool optional = false;  // may be left out
};
// An object of these fields and no others.
Json object_schema(const char* about, const std::vector<Field>& fields);

// Those of `names` that `from` has, in this order.
Json picked(const Json& from, const std::vector<const char*>& names);

// The same with texts of more than 800 bytes cut, at the end of a character, so that no name makes an answer long.
Json clipped(Json json);

}  // namespace lanewise::mcp
