// SPDX-License-Identifier: Apache-2.0
#include "core/base/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace lanewise {
namespace {

constexpr bool within(std::uint32_t code, std::uint32_t first, std::uint32_t last) {
  return code >= first && code <= last;
}

// The length of the UTF-8 sequence that starts at `at`, and its code point; 0 where there is none (RFC 3629: no longer
// spelling than needed, no surrogates, nothing beyond U+10FFFF).
std::size_t decode(std::string_view text, std::size_t at, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(at);
  if (first < 0x80) {
    code = first;
    return 1;
  }
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() - at < length) return 0;
  code = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0U) != 0x80U) return 0;
    code = code << 6U | (byte(at + i) & 0x3fU);
  }
  constexpr std::uint32_t kShortest[] = {0, 0, 0x80, 0x800, 0x10000};
  return code < kShortest[length] || code > 0x10ffff || within(code, 0xd800, 0xdfff) ? 0 : length;
}

// Line and paragraph separators; marks, embeddings, overrides and isolates of the direction of writing.
bool misleads(std::uint32_t code) {
  return within(code, 0x200e, 0x200f) || within(code, 0x2028, 0x202e) || within(code, 0x2066, 0x2069) ||
         code == 0x061c || code == 0xfeff;
}

// What most names are: nothing in it to spell out.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::string spelled_out(std::string_view text, bool keep_lines) {
  if (is_plain(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t code = 0;
    const std::size_t length = decode(text, at, code);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at++]));
      continue;
    }
    if (code == '\n' && !keep_lines) {
      out += "\\n";
    } else if (code == '\r') {
      out += "\\r";
    } else if (code == '\t') {
      out += "\\t";
    } else if ((code < 0x20 && code != '\n') || within(code, 0x7f, 0x9f)) {
      out += fmt::format("\\x{:02x}", code);
    } else if (misleads(code)) {
      out += fmt::format("\\u{{{:04x}}}", code);
    } else {
      out += text.substr(at, length);
    }
    at += length;
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return spelled_out(text, false); }

std::string printable_lines(std::string_view text) { return spelled_out(text, true); }

}  // namespace lanewise
