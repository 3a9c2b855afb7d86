// SPDX-License-Identifier: Apache-2.0
// Reads rendered answers back as a program would: JSON with nlohmann, CSV by RFC 4180.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <limits>
#include <map>
#include <string>
#include <vector>

namespace lanewise::report::testing {

using Parsed = nlohmann::ordered_json;

inline const double kNaN = std::numeric_limits<double>::quiet_NaN();
// A name that tests every rule of quoting at once, and one that is not UTF-8.
inline const std::string kHostile = "a,b \"c\"\nd";
inline const std::string kNotUtf8 = "bad\xff\xfename";

using CsvLines = std::vector<std::map<std::string, std::string>>;

// Cells by column name. Every record must have as many cells as the header, and the text must end in a newline.
inline CsvLines read_csv_text(const std::string& text) {
  std::vector<std::vector<std::string>> records(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& cell = records.back().back();
    if (quoted) {
      if (c != '"') {
        cell += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        cell += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      records.back().emplace_back();
    } else if (c == '\n') {
      records.emplace_back(1);
    } else {
      cell += c;
    }
  }
  EXPECT_FALSE(quoted) << "a quote is left open";
  EXPECT_EQ(records.back(), std::vector<std::string>(1)) << "the last line has no newline";
  records.pop_back();
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
