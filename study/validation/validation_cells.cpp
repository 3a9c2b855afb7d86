// SPDX-License-Identifier: Apache-2.0
#include "study/validation/validation_cells.hpp"

#include <fmt/format.h>

#include <charconv>

#include "core/base/error.hpp"

namespace lanewise::study {

namespace {

// Length of what stands before ".0": tools that know only real numbers write 14 as 14.0.
std::size_t whole_part(const std::string& cell) {
  const std::size_t point = cell.find('.');
  if (point == std::string::npos || point == 0 || point + 1 == cell.size()) return cell.size();
  return cell.find_first_not_of('0', point + 1) == std::string::npos ? point : cell.size();
}

}  // namespace

std::string refusal(const std::string& column, const std::string& value, const std::string& rule) {
  return fmt::format("column '{}': value '{}': {}", column, value, rule);
}

std::optional<std::string> ValidationCells::text(const std::string& column) const {
  const auto index = table_.find(column);
  if (!index) return std::nullopt;
  used_.insert(column);
  const std::string& cell = row_.cells[*index];
  return cell.empty() ? std::nullopt : std::optional<std::string>(cell);
}

std::string ValidationCells::required_text(const std::string& column) const {
  if (!has(column)) throw Error(fmt::format("{}:1: column '{}': missing", table_.path, column));
  const auto cell = text(column);
  if (!cell) refuse(column, "", "must not be empty");
  return *cell;
}

std::optional<std::int64_t> ValidationCells::optional_number(const std::string& column, std::int64_t low,
                                                             std::int64_t high) const {
  const auto cell = text(column);
  if (!cell) return std::nullopt;
  std::int64_t value = 0;
  const char* end = cell->data() + whole_part(*cell);
  const auto result = std::from_chars(cell->data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || value < low || value > high) {
    refuse(column, *cell, fmt::format("must be a whole number from {} to {}", low, high));
  }
  return value;
}

std::int64_t ValidationCells::number(const std::string& column, std::int64_t low, std::int64_t high) const {
  required_text(column);
  return *optional_number(column, low, high);
}

std::int64_t ValidationCells::number_or(const std::string& column, std::int64_t fallback, std::int64_t low,
                                        std::int64_t high) const {
  return optional_number(column, low, high).value_or(fallback);
}

std::string ValidationCells::place() const { return fmt::format("{}:{}", table_.path, row_.line); }

void ValidationCells::refuse(const std::string& column, const std::string& value, const std::string& rule) const {
  throw Error(fmt::format("{}: {}", place(), refusal(column, value, rule)));
}

}  // namespace lanewise::study
