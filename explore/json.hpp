// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: JSON that goes out and JSON that comes in. What comes in is a client's and trusted
// with nothing.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "explore/design_space.hpp"

namespace lanewise::explore {

using Json = nlohmann::ordered_json;

// On one line; bytes that are no UTF-8 are replaced.
std::string dump(const Json& json);

// An object of a request whose fields are asked for one by one. Every function throws Error "request: field 'NAME': …"
// where a field is missing, of another type or beyond its bounds.
class Fields {
 public:
  // Of the body of a request: one JSON object. Throws Error where it is none.
  explicit Fields(const std::string& body);

  // Throws Error naming a field that is none of these.
  void allow_only(const std::vector<std::string>& names) const;
  bool has(const std::string& name) const { return json_.contains(name); }
  std::size_t index(const std::string& name) const;
  // At most `most` bytes on one line; "" where it is missing and `optional`.
  std::string text(const std::string& name, std::size_t most, bool optional = false) const;
  std::vector<std::string> texts(const std::string& name, std::size_t most) const;
  // {"network": 0, "keys": {"dram.latency": "50 ns"}, "genes": {}, "follow": true}; all but the first may be left out.
  Choice choice(const std::string& name) const;

 private:
  explicit Fields(Json json, std::string place);
  std::string place(const std::string& name) const;
  const Json& field(const std::string& name) const;
  std::map<std::string, std::string> map(const std::string& name) const;

  Json json_;
  std::string place_;  // "design." of an object within
};

// The same choice as `choice` reads it.
Json choice_json(const Choice& choice);

}  // namespace lanewise::explore
