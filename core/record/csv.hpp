// SPDX-License-Identifier: Apache-2.0
// Reading and writing CSV (RFC 4180): tables of a header line and rows with as many cells as the header. Every verb
// that reads CSV reads it here.
#pragma once

#include <cstddef>
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

// Reads what spreadsheets and scripts write. Cells are separated by commas, or by semicolons or tabs where the header
// has those and no comma; spaces around a cell do not belong to it; cells may be quoted, with quotes inside them
// doubled. Lines end in LF or CRLF; a byte order mark, lines without any text, and separators behind the last column
// are skipped. Throws Error naming the file, and the line where there is one, when the file cannot be read, is UTF-16,
// is empty or has no rows; when a column has no name or occurs twice; and for a row with too few or too many cells, a
// quote out of place, a control character or a cell of more than `longest_cell` bytes.
inline constexpr std::size_t kLongestCell = 1000;
CsvTable read_csv(const std::string& path, std::size_t longest_cell = kLongestCell);

// One CSV line ending in a newline; cells quoted where RFC 4180 asks for it, control characters in them spelled out
// (printable).
std::string csv_line(const std::vector<std::string>& cells);
// The shortest text that reads back as the same number.
std::string csv_number(double value);

}  // namespace lanewise::record
