// SPDX-License-Identifier: Apache-2.0
// The cells of one row of a CSV file by column name, validated as they are read.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "core/record/csv.hpp"

namespace lanewise::study {

// "column 'COLUMN': value 'VALUE': RULE"
std::string refusal(const std::string& column, const std::string& value, const std::string& rule);

class ValidationCells {
 public:
  // Every column asked for is added to `used`. All three arguments must outlive this object.
  ValidationCells(const record::CsvTable& table, const record::CsvRow& row, std::set<std::string>& used)
      : table_(table), row_(row), used_(used) {}

  int line() const { return row_.line; }
  bool has(const std::string& column) const { return table_.find(column).has_value(); }
  // nullopt when the column is missing or the cell is empty.
  std::optional<std::string> text(const std::string& column) const;
  // Throws Error when the column is missing or the cell is empty.
  std::string required_text(const std::string& column) const;
  // These throw Error when the cell is not a whole number from `low` to `high`; 14.0 is one.
  std::optional<std::int64_t> optional_number(const std::string& column, std::int64_t low, std::int64_t high) const;
  std::int64_t number(const std::string& column, std::int64_t low, std::int64_t high) const;
  std::int64_t number_or(const std::string& column, std::int64_t fallback, std::int64_t low, std::int64_t high) const;

  // "FILE:LINE"
  std::string place() const;
  // Throws Error "FILE:LINE: column 'COLUMN': value 'VALUE': RULE".
  [[noreturn]] void refuse(const std::string& column, const std::string& value, const std::string& rule) const;

 private:
  const record::CsvTable& table_;
  const record::CsvRow& row_;
  std::set<std::string>& used_;
};

}  // namespace lanewise::study
