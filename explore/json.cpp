// SPDX-License-Identifier: Apache-2.0
#include "explore/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"

namespace lanewise::explore {
namespace {

constexpr std::size_t kMostDials = 2000, kLongestText = 200;

// A client's text that stands on one line and needs nothing spelled out.
bool is_plain(const std::string& text) { return printable(text) == text; }

}  // namespace

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Fields::Fields(Json json, std::string place) : json_(std::move(json)), place_(std::move(place)) {}

Fields::Fields(const std::string& body) : json_(Json::parse(body, nullptr, false)) {
  if (json_.is_discarded()) throw Error("request: its body is no JSON: must be one object");
  if (!json_.is_object())
    throw Error(fmt::format("request: its body is of the type {}: must be one object", json_.type_name()));
}

std::string Fields::place(const std::string& name) const {
  return fmt::format("request: field '{}{}': ", place_, name);
}

void Fields::allow_only(const std::vector<std::string>& names) const {
  for (const auto& [name, value] : json_.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    throw Error(place(printable(name)) + (names.empty()
                                              ? std::string("unknown: this request has no fields")
                                              : fmt::format("unknown: must be one of {}", fmt::join(names, ", "))));
  }
}

const Json& Fields::field(const std::string& name) const {
  const auto found = json_.find(name);
  if (found == json_.end()) throw Error(place(name) + "is missing");
  return *found;
}

std::size_t Fields::index(const std::string& name) const {
  const Json& value = field(name);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 1000000000) {
    throw Error(place(name) + "must be a whole number of 0 to 1000000000");
  }
  return value.get<std::size_t>();
}

std::string Fields::text(const std::string& name, std::size_t most, bool optional) const {
  if (optional && !has(name)) return "";
  const Json& value = field(name);
  if (!value.is_string()) throw Error(place(name) + "must be a text");
  const std::string& text = value.get_ref<const std::string&>();
  if (text.size() > most) throw Error(fmt::format("{}has {} bytes: at most {}", place(name), text.size(), most));
  if (!is_plain(text))
    throw Error(fmt::format("{}'{}' must be one line of printable text", place(name), printable(text)));
  return text;
}

std::vector<std::string> Fields::texts(const std::string& name, std::size_t most) const {
  const Json& values = field(name);
  if (!values.is_array()) throw Error(place(name) + "must be a list of texts");
  if (values.size() > most) throw Error(fmt::format("{}has {} entries: at most {}", place(name), values.size(), most));
  std::vector<std::string> out;
  for (const Json& value : values) out.push_back(Fields(Json{{name, value}}, place_).text(name, kLongestText));
  return out;
}

std::map<std::string, std::string> Fields::map(const std::string& name) const {
  std::map<std::string, std::string> out;
  if (!has(name)) return out;
  const Json& values = field(name);
  if (!values.is_object()) throw Error(place(name) + "must be an object from dials to their values");
  if (values.size() > kMostDials)
    throw Error(fmt::format("{}has {} entries: at most {}", place(name), values.size(), kMostDials));
  const Fields inner(values, place_ + name + ".");
  for (const auto& [key, value] : values.items()) {
    if (key.size() > kLongestText || !is_plain(key)) {
      throw Error(fmt::format("{}'{}' is no name of a dial", place(name), printable(key.substr(0, kLongestText))));
    }
    out.emplace(key, inner.text(key, kLongestText));
  }
  return out;
}

Choice Fields::choice(const std::string& name) const {
  const Json& value = field(name);
  if (!value.is_object()) throw Error(place(name) + "must be an object");
  const Fields inner(value, place_ + name + ".");
  inner.allow_only({"network", "keys", "genes", "follow"});
  Choice choice;
  choice.network = inner.index("network");
  choice.keys = inner.map("keys");
  choice.genes = inner.map("genes");
  if (inner.has("follow")) {
    if (!inner.field("follow").is_boolean()) throw Error(inner.place("follow") + "must be true or false");
    choice.follow = inner.field("follow").get<bool>();
  }
  return choice;
}

Json choice_json(const Choice& choice) {
  Json keys = Json::object(), genes = Json::object();
  for (const auto& [key, value] : choice.keys) keys[key] = value;
  for (const auto& [gene, value] : choice.genes) genes[gene] = value;
  return {{"network", choice.network}, {"keys", keys}, {"genes", genes}, {"follow", choice.follow}};
}

}  // namespace lanewise::explore
