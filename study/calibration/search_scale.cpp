// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/search_scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/quantity_text.hpp"

namespace lanewise::study {
namespace {

double digits(double value, int significant) { return parse_number(fmt::format("{:.{}g}", value, significant)); }

double grid_of(const SearchKey& key) { return key.whole ? 1 : key.grid; }

double allowed(const SearchKey& key, double value) {
  const double grid = grid_of(key);
  if (std::abs(value - key.start) <= 1e-9 * std::abs(key.start)) {
    value = key.start;  // stays what it is, whatever its digits
  } else if (grid > 0) {
    value = key.whole ? std::round(value) : digits(std::max(0.0, std::round(value / grid) * grid), 12);
  } else {
    value = digits(value, 4);
  }
  return std::clamp(value, key.low, key.high);
}

}  // namespace

double coordinate(const SearchKey& key, double value) { return std::log(value + key.unit); }

double value_at(const SearchKey& key, double coordinate) {
  return allowed(key, std::max(0.0, std::exp(coordinate) - key.unit));
}

double stepped(const SearchKey& key, double value, double ratio) {
  const double changed = value_at(key, coordinate(key, value) + std::log(ratio));
  const bool up = ratio > 1;
  return (up ? changed > value : changed < value) ? changed : next_value(key, value, up);
}

double next_value(const SearchKey& key, double value, bool up) {
  if (const double grid = grid_of(key); grid > 0) return allowed(key, value + (up ? grid : -grid));
  return value_at(key, coordinate(key, value) + (up ? 0.01 : -0.01));
}

double smallest_unit(const engine::EngineConfig& engine, const engine::NumericParameter& parameter) {
  if (parameter.low > 0) return 0;
  if (parameter.whole) return 1;
  return is_time(parameter) ? 1 / engine.array.clock.count() : 0.1;
}

// Of the numbers that are not whole only times stay far below 1 in their own unit.
bool is_time(const engine::NumericParameter& parameter) { return !parameter.whole && parameter.high < 1; }

}  // namespace lanewise::study
