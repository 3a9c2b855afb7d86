// SPDX-License-Identifier: Apache-2.0
// Numbers and tables for people: aligned columns, thousands separators, units in the headers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/record/csv.hpp"

namespace lanewise::report {

// With commas as thousands separators: "12,345,678".
std::string grouped(std::int64_t value);
// Fixed point with `digits` decimals and thousands separators; "-" when the value is not finite.
std::string fixed(double value, int digits);
std::string signed_fixed(double value, int digits);  // the same with its sign
// At least three significant digits, never an exponent: "1,234", "12.3", "0.0123".
std::string compact(double value);
// In thousands, rounded half up; below half a thousand with its decimals, so that only 0 is "0": 1,500 is "2", 123 is
// "0.123".
std::string thousands_text(std::int64_t count);
// "+3.2 %", "-12.0 %"; the sign is always shown.
// By how much `after` is more than `before`, in percent of it; 0 where there is nothing to compare with.
double percent_change(double before, double after);
std::string signed_percent(double percent);
// In the largest binary unit of which there is at least one: "1.50 MiB".
std::string bytes_text(std::int64_t bytes);

// Rows of cells under column headers.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string header;
    Align align = Align::kRight;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // Takes one cell per column; InternalError otherwise. Control characters in a cell are spelled out (printable).
  void add(std::vector<std::string> cells);
  // The headers, a rule and the rows, each line ending in a newline.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lanewise::report
