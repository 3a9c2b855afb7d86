// SPDX-License-Identifier: Apache-2.0
#include "nas/space/entry_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace lanewise::nas {

using engine::RawConfig;
using engine::RawEntry;

const std::string& single(const RawConfig& raw, const RawEntry& entry) {
  const std::string& value = engine::single_value(raw, entry);
  if (value.empty()) refuse(raw, entry, value, "must hold a value");
  return value;
}

double number(const RawConfig& raw, const RawEntry& entry, const std::string& text, double low, double high) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high)) {
    refuse(raw, entry, text, fmt::format("must be a number from {} to {}", low, high));
  }
  return value;
}

std::size_t choice(const RawConfig& raw, const RawEntry& entry, const std::vector<std::string>& choices) {
  const std::string& value = single(raw, entry);
  const auto found = std::find(choices.begin(), choices.end(), value);
  if (found == choices.end()) refuse(raw, entry, value, fmt::format("must be one of: {}", fmt::join(choices, ", ")));
  return static_cast<std::size_t>(found - choices.begin());
}

}  // namespace lanewise::nas
