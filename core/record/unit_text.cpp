// SPDX-License-Identifier: Apache-2.0
#include "core/record/unit_text.hpp"

#include <charconv>
#include <string_view>

#include "core/base/error.hpp"

namespace lanewise::record {
namespace {

void append_cycles(std::string& text, Cycles cycles) {
  text += ' ';
  text += std::to_string(cycles.count());
}

[[noreturn]] void refuse(const std::string& text) { throw Error("unit times '" + text + "' are malformed"); }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool parse_cycles(std::string_view word, Cycles& cycles) {
  std::int64_t number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, failed] = std::from_chars(word.data(), end, number);
  cycles = Cycles(number);
  return failed == std::errc{} && stop == end && !word.empty() && number >= 0;
}

}  // namespace

std::string to_text(const std::vector<UnitTime>& units) {
  std::string text;
  for (const UnitTime& unit : units) {
    if (!text.empty()) text += ';';
    text += to_string(unit.unit);
    append_cycles(text, unit.busy);
    append_cycles(text, unit.idle);
    for (const StallTime& stall : unit.stalled) {
      text += ' ';
      text += to_string(stall.cause);
      append_cycles(text, stall.cycles);
    }
  }
  return text;
}

std::vector<UnitTime> parse_unit_times(const std::string& text) {
  std::vector<UnitTime> units;
  if (text.empty()) return units;
  for (const std::string_view part : split(text, ';')) {
    const std::vector<std::string_view> words = split(part, ' ');
    UnitTime unit;
    const std::optional<Unit> name = parse_unit(words[0]);
    if (words.size() < 3 || words.size() % 2 == 0 || !name) refuse(text);
    unit.unit = *name;
    if (!parse_cycles(words[1], unit.busy) || !parse_cycles(words[2], unit.idle)) refuse(text);
    for (std::size_t i = 3; i < words.size(); i += 2) {
      StallTime stall;
      const std::optional<StallCause> cause = parse_stall_cause(words[i]);
      if (!cause || !parse_cycles(words[i + 1], stall.cycles)) refuse(text);
      stall.cause = *cause;
      unit.stalled.push_back(stall);
    }
    units.push_back(std::move(unit));
  }
  return units;
}

}  // namespace lanewise::record
