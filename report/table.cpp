// SPDX-License-Identifier: Apache-2.0
#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"

namespace lanewise::report {
namespace {

// Code points, not bytes: the degree of alignment that a terminal shows.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string group_digits(const std::string& digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

}  // namespace

std::string grouped(std::int64_t value) {
  const std::string digits = fmt::format("{}", value);
  return value < 0 ? "-" + group_digits(digits.substr(1)) : group_digits(digits);
}

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) return "-";
  const std::string text = fmt::format("{:.{}f}", std::fabs(value), digits);
  const std::size_t point = text.find('.');
  const std::string whole = group_digits(text.substr(0, point));
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return (value < 0 && !zero ? "-" : "") + whole + (point == std::string::npos ? "" : text.substr(point));
}

std::string signed_fixed(double value, int digits) {
  const std::string text = fixed(value, digits);
  return std::isfinite(value) && text.front() != '-' ? "+" + text : text;
}

std::string compact(double value) {
  if (!std::isfinite(value)) return "-";
  const double magnitude = std::fabs(value);
  if (magnitude == 0) return "0";
  const int before = static_cast<int>(std::floor(std::log10(magnitude))) + 1;
  return fixed(value, std::max(0, 3 - before));
}

std::string thousands_text(std::int64_t count) {
  if (count < 500) return compact(static_cast<double>(count) / 1000);
  return grouped(count / 1000 + (count % 1000 >= 500 ? 1 : 0));
}

double percent_change(double before, double after) { return before > 0 ? 100.0 * (after - before) / before : 0; }

std::string signed_percent(double percent) {
  const std::string text = fixed(percent, 1);
  return (text[0] == '-' ? text : "+" + text) + " %";
}

std::string bytes_text(std::int64_t bytes) {
  static const char* const kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::fabs(value) >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{} {}", fixed(value, 2), kUnits[unit]);
}

void Table::add(std::vector<std::string> cells) {
  if (cells.size() != columns_.size()) throw InternalError("a table row has another number of cells than columns");
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = width_of(columns_[c].header);
    for (const auto& row : rows_) width = std::max(width, width_of(row[c]));
    widths.push_back(width);
  }
  std::string out;
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string& cell = cell_of(c);
      const std::string padding(widths[c] - width_of(cell), ' ');
      if (c > 0) text += "  ";
      text += columns_[c].align == Align::kRight ? padding + cell : cell + padding;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  };
  line([&](std::size_t c) -> const std::string& { return columns_[c].header; });
  std::vector<std::string> rule;
  for (const std::size_t width : widths) rule.emplace_back(width, '-');
  line([&](std::size_t c) -> const std::string& { return rule[c]; });
  for (const auto& row : rows_) line([&](std::size_t c) -> const std::string& { return row[c]; });
  return out;
}

}  // namespace lanewise::report
