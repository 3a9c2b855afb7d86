// SPDX-License-Identifier: Apache-2.0
// Tables that people hand in as CSV (RFC 4180): a header line, then rows with as many cells.
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

}  // namespace lanewise::record
