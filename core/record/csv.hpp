// SPDX-License-Identifier: Apache-2.0
// CSV (RFC 4180): tables that people hand in, a header line and then rows with as many cells; and lines to write.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lanewise::record {

struct CsvRow {
  int line = 0;  // where it begins, counted from 1
  std::vector<std::string> cells;
};

struct CsvTable {
  std::string path;
  std::vector<std::string> columns;  // each name once
  std::vector<CsvRow> rows;          // blank lines left out

  // nullopt where there is no column of that name.
  std::optional<std::size_t> find(const std::string& column) const;
};

// Reads lines that end in LF or CRLF; cells may be quoted, quotes within doubled; a byte order mark is passed over.
// Throws Error naming the file, and the line where there is one: cannot be read, empty, no rows, a column without a
// name or given twice, another number of cells than columns, a quote out of place, a control character, a cell of more
// than 1000 bytes.
CsvTable read_csv(const std::string& path);

// One CSV line ending in a newline; cells quoted where RFC 4180 asks for it.
std::string csv_line(const std::vector<std::string>& cells);
// The shortest text that reads back as the same number.
std::string csv_number(double value);

}  // namespace lanewise::record
