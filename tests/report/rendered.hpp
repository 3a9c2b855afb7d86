// SPDX-License-Identifier: Apache-2.0
// Reads rendered answers back as a program would: JSON with nlohmann, CSV by RFC 4180.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "tests/core/record/csv_text.hpp"

namespace lanewise::report::testing {

using Parsed = nlohmann::ordered_json;

inline const double kNaN = std::numeric_limits<double>::quiet_NaN();
// A name that tests every rule of quoting at once, and one that is not UTF-8.
inline const std::string kHostile = "a,b \"c\"\nd";
inline const std::string kHostileShown = "a,b \"c\"\\nd";  // in tables, whose rows are lines
inline const std::string kNotUtf8 = "bad\xff\xfename";

using CsvLines = std::vector<std::map<std::string, std::string>>;

// Cells by column name. Every record must have as many cells as the header, and the text must end in a newline.
inline CsvLines read_csv_text(const std::string& text) {
  const std::vector<std::vector<std::string>> records = record::testing::csv_records(text);
  CsvLines lines;
  for (std::size_t row = 1; row < records.size(); ++row) {
    EXPECT_EQ(records[row].size(), records[0].size()) << "record " << row;
    lines.emplace_back();
    for (std::size_t column = 0; column < std::min(records[row].size(), records[0].size()); ++column) {
      const bool first = lines.back().emplace(records[0][column], records[row][column]).second;
      EXPECT_TRUE(first) << "column " << records[0][column] << " is there twice";
    }
  }
  return lines;
}

// Whether a line of `text` has `left` and, behind it, `right`.
inline bool has_line(const std::string& text, const std::string& left, const std::string& right = "") {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    const std::size_t at = line.find(left);
    if (at != std::string::npos && line.find(right, at + left.size()) != std::string::npos) return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace lanewise::report::testing
