// SPDX-License-Identifier: Apache-2.0
// Reads CSV as a program by somebody else would, by RFC 4180 alone: the tests' own reader, so that what writes CSV here
// is not checked by what reads it here.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lanewise::record::testing {

// The cells of each record, quoting undone. The text must end in a newline and close every quote.
inline std::vector<std::vector<std::string>> csv_records(const std::string& text) {
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
  return records;
}

}  // namespace lanewise::record::testing
