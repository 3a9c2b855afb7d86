// SPDX-License-Identifier: Apache-2.0
#include "core/record/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/printable.hpp"

namespace lanewise::record {
namespace {

class CsvReader {
 public:
  CsvReader(const std::string& path, const std::string& text, std::size_t longest_cell)
      : path_(path), text_(text), longest_cell_(longest_cell) {
    const std::string byte_order_mark = "\xEF\xBB\xBF";
    if (text_.compare(0, byte_order_mark.size(), byte_order_mark) == 0) at_ = byte_order_mark.size();
    if (text_.compare(0, 2, "\xFF\xFE") == 0 || text_.compare(0, 2, "\xFE\xFF") == 0) {
      throw Error(path_ + ": is UTF-16: must be UTF-8, which spreadsheets write as `CSV UTF-8`");
    }
    separator_ = separator_of_header();
  }

  bool at_end() const { return at_ >= text_.size(); }

  // One record with its line break. A blank line is a record of one empty cell.
  CsvRow record() {
    CsvRow row;
    row.line = line_;
    for (;;) {
      skip_spaces();
      row.cells.push_back(at_end() || text_[at_] != '"' ? plain_cell() : quoted_cell());
      if (at_end()) return row;
      if (text_[at_] == separator_) {
        ++at_;
        continue;
      }
      at_ += text_[at_] == '\r' ? 2 : 1;
      ++line_;
      return row;
    }
  }

 private:
  [[noreturn]] void fail(int line, const std::string& what) const {
    throw Error(fmt::format("{}:{}: {}", path_, line, what));
  }

  // The first of these that the first line with any text has outside quotes.
  char separator_of_header() const {
    std::size_t begin = at_;
    while (begin < text_.size() && (text_[begin] == '\n' || text_[begin] == '\r')) ++begin;
    for (const char candidate : {',', ';', '\t'}) {
      bool quoted = false;
      for (std::size_t i = begin; i < text_.size() && text_[i] != '\n'; ++i) {
        if (text_[i] == '"') quoted = !quoted;
        if (!quoted && text_[i] == candidate) return candidate;
      }
    }
    return ',';
  }

  bool is_space(char c) const { return c == ' ' || (c == '\t' && separator_ != '\t'); }
  void skip_spaces() {
    while (!at_end() && is_space(text_[at_])) ++at_;
  }

  bool at_cell_end() const {
    if (at_end() || text_[at_] == separator_ || text_[at_] == '\n') return true;
    return text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n';
  }

  void take(std::string& cell) {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c < 0x20 || c == 0x7f) fail(line_, "holds a control character");
    if (cell.size() >= longest_cell_) fail(line_, fmt::format("a cell must be at most {} bytes long", longest_cell_));
    cell += text_[at_++];
  }

  std::string plain_cell() {
    std::string cell;
    while (!at_cell_end()) {
      if (text_[at_] == '"') fail(line_, "a quote must stand at the beginning of its cell");
      if (is_space(text_[at_])) {
        const std::size_t begin = at_;
        skip_spaces();
        if (at_cell_end()) break;
        const std::size_t end = at_;
        for (at_ = begin; at_ < end;) take(cell);  // between words they belong to the cell
      } else {
        take(cell);
      }
    }
    return cell;
  }

  std::string quoted_cell() {
    std::string cell;
    ++at_;
    for (;;) {
      if (at_end() || text_[at_] == '\n' || text_[at_] == '\r') fail(line_, "a quoted cell must end on its line");
      if (text_[at_] == '"') {
        ++at_;
        if (at_end() || text_[at_] != '"') break;
      }
      take(cell);
    }
    skip_spaces();
    if (!at_cell_end()) fail(line_, "a quoted cell must be followed by a separator or the line's end");
    return cell;
  }

  const std::string& path_;
  const std::string& text_;
  const std::size_t longest_cell_;
  char separator_ = ',';
  std::size_t at_ = 0;
  int line_ = 1;
};

// Spreadsheets write separators for rows without any text, and for columns without any.
bool is_blank(const CsvRow& row) {
  return std::all_of(row.cells.begin(), row.cells.end(), [](const std::string& cell) { return cell.empty(); });
}
void drop_empty_end(CsvRow& row, std::size_t columns) {
  while (row.cells.size() > columns && row.cells.back().empty()) row.cells.pop_back();
}

void require_names(const std::string& path, const CsvRow& header) {
  std::set<std::string> seen;
  for (const std::string& name : header.cells) {
    if (name.empty()) throw Error(fmt::format("{}:{}: a column has no name", path, header.line));
    if (!seen.insert(name).second) throw Error(fmt::format("{}:{}: column '{}': given twice", path, header.line, name));
  }
}

}  // namespace

std::optional<std::size_t> CsvTable::find(const std::string& column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

CsvTable read_csv(const std::string& path, std::size_t longest_cell) {
  const std::string text = read_input(path, kLargestTable, "a table");
  CsvReader reader(path, text, longest_cell);
  CsvTable table;
  table.path = path;
  while (!reader.at_end()) {
    CsvRow row = reader.record();
    if (is_blank(row)) continue;
    drop_empty_end(row, std::max<std::size_t>(table.columns.size(), 1));
    if (table.columns.empty()) {
      require_names(path, row);
      table.columns = std::move(row.cells);
      continue;
    }
    if (row.cells.size() != table.columns.size()) {
      throw Error(fmt::format("{}:{}: has {} cells: must have {}, as the header has", path, row.line, row.cells.size(),
                              table.columns.size()));
    }
    table.rows.push_back(std::move(row));
  }
  if (table.columns.empty()) throw Error(path + ": is empty: must be a header line and rows");
  if (table.rows.empty()) throw Error(path + ": has no rows under its header");
  return table;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    const std::string cell = printable(cells[i]);
    if (cell.find_first_of(",\"") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line + '\n';
}

std::string csv_number(double value) { return fmt::format("{}", value); }

}  // namespace lanewise::record
