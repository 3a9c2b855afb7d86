// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/score_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/engine/suggestion.hpp"

namespace lanewise::nas {

std::size_t score_column(const record::CsvTable& table, const std::string& name, const char* what) {
  const auto place = table.find(name);
  if (place) return *place;
  throw Error(fmt::format("{}: column '{}', for the {}, is missing{}; the columns are {}", table.path, printable(name),
                          what, engine::suggestion(name, table.columns), fmt::join(table.columns, ", ")));
}

bool is_no_score(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return text.empty() || text == "nan" || text == "na" || text == "n/a" || text == "none" || text == "null";
}

double score_in(const record::CsvTable& table, const record::CsvRow& row, const std::string& column,
                const std::string& text) {
  double value = 0;
  const char* const begin = text.data() + (text[0] == '+' ? 1 : 0);
  const auto [end, status] = std::from_chars(begin, text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    throw Error(fmt::format("{}:{}: column '{}': '{}' must be a finite number, or empty where there is none",
                            table.path, row.line, column, printable(text)));
  }
  return value;
}

}  // namespace lanewise::nas
