// SPDX-License-Identifier: Apache-2.0
// Reading and writing CSV (RFC 4180): tables of a header line and rows with as many cells as the header.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lanewise::record {

struct CsvRow {
  int line = 0;  // of the file, on which the row begins; counted from 1
  std::vector<std::string> cells;
};

struct CsvTable {
  std::string path;
  std::vector<std::string> columns;  // each name once
  std::vector<CsvRow> rows;          // blank lines left out

  // nullopt where there is no column of that name.
  std::optional<std::size_t> find(const std::string& column) const;
};

// Lines end in LF or CRLF; cells may be quoted, with quotes inside them doubled; a byte order mark is skipped. Throws
// Error naming the file, and the line where there is one, when the file cannot be read, is empty or has no rows; when a
// column has no name or occurs twice; and for a row with too few or too many cells, a quote out of place, a control
// character or a cell of more than 1000 bytes.
CsvTable read_csv(const std::string& path);

// One CSV line ending in a newline; cells quoted where RFC 4180 asks for it, control characters in them spelled out
// (printable).
std::string csv_line(const std::vector<std::string>& cells);
// The shortest text that reads back as the same number.
std::string csv_number(double value);

}  // namespace lanewise::record
