// SPDX-License-Identifier: Apache-2.0
// Numbers and tables as people read them: aligned columns, thousands separated, units in the headers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/record/csv.hpp"

namespace lanewise::report {

// "12 345 678" with commas: "12,345,678".
std::string grouped(std::int64_t value);
// Fixed point with `digits` after the point, thousands separated. Not finite: "-".
std::string fixed(double value, int digits);
// Three significant digits or more, never an exponent: "1,234", "12.3", "0.0123".
std::string compact(double value);
// "+3.2 %", "-12.0 %"; the sign always shown.
std::string signed_percent(double percent);
// Bytes in the largest binary unit that keeps one digit before the point: "1.50 MiB".
std::string bytes_text(std::int64_t bytes);

// Rows of cells under headers. Columns named in `right` (by index) are aligned to the right.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string header;
    Align align = Align::kRight;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // One cell a column.
  void add(std::vector<std::string> cells);
  // Lines ending in a newline: headers, a rule, the rows.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lanewise::report
