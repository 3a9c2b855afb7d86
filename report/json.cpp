// SPDX-License-Identifier: Apache-2.0
#include "report/json.hpp"

#include <fmt/format.h>

namespace lanewise::report {
namespace {

// Spells out what is left of the control characters. Outside of strings JSON has none of them.
std::string escape_rest(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const unsigned next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if (byte == 0x7f) {
      out += "\\u007f";
    } else if (byte == 0xc2 && next >= 0x80 && next <= 0x9f) {
      out += fmt::format("\\u{:04x}", next);
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string dump(const Json& json) {
  return escape_rest(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string string_json(const std::string& text) {
  return escape_rest(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace lanewise::report
