// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/accuracy_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/random.hpp"
#include "core/engine/suggestion.hpp"
#include "core/record/csv.hpp"

namespace lanewise::nas {
namespace {

std::size_t column_of(const record::CsvTable& table, const std::string& name, const char* what) {
  const auto place = table.find(name);
  if (place) return *place;
  throw Error(fmt::format("{}: column '{}', for the {}, is missing{}; the columns are {}", table.path, printable(name),
                          what, engine::suggestion(name, table.columns), fmt::join(table.columns, ", ")));
}

bool says_none(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return text.empty() || text == "nan" || text == "na" || text == "n/a" || text == "none" || text == "null";
}

double number_in(const record::CsvTable& table, const record::CsvRow& row, const std::string& column,
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

}  // namespace

AccuracyTable::AccuracyTable(const std::string& path, Columns columns,
                             const std::function<std::string(const std::string&)>& canonical)
    : path_(path), columns_(std::move(columns)) {
  const record::CsvTable table = record::read_csv(path);
  const std::size_t key = column_of(table, columns_.key, "encodings");
  const std::size_t value = column_of(table, columns_.value, "scores");
  struct Sum {
    double value = 0;
    std::int64_t rows = 0;
  };
  std::map<std::string, Sum> sums;
  std::string refusal;
  for (const record::CsvRow& row : table.rows) {
    std::string encoding = row.cells[key];
    if (encoding.empty()) {
      throw Error(fmt::format("{}:{}: column '{}': must hold an encoding", path, row.line, columns_.key));
    }
    if (says_none(row.cells[value])) {
      ++without_value_;
      continue;
    }
    const double score = number_in(table, row, columns_.value, row.cells[value]);
    try {
      if (canonical) encoding = canonical(encoding);
    } catch (const Error& error) {
      if (refusal.empty()) refusal = fmt::format("{}:{}: column '{}': {}", path, row.line, columns_.key, error.what());
      ++of_no_space_;
      continue;
    }
    Sum& sum = sums[encoding];
    sum.value += score;
    most_rows_ = std::max(most_rows_, ++sum.rows);
    ++rows_;
  }
  if (sums.empty() && !refusal.empty()) {
    throw Error(fmt::format("{} (and none of the other rows has an encoding of the space)", refusal));
  }
  if (sums.empty()) throw Error(fmt::format("{}: column '{}': holds no number", path, columns_.value));
  for (const auto& [encoding, sum] : sums) scores_[encoding] = sum.value / static_cast<double>(sum.rows);
}

std::string AccuracyTable::name() const {
  const auto some = [](std::int64_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  const auto encodings = static_cast<std::int64_t>(scores_.size());
  std::string text = fmt::format("{} of {}: {}", columns_.value, path_, some(encodings, "encoding"));
  if (most_rows_ > 1) text += fmt::format(" in {}, those of one averaged", some(rows_, "row"));
  if (without_value_ > 0) text += fmt::format(", {} without a value left out", some(without_value_, "row"));
  if (of_no_space_ > 0) text += fmt::format(", {} of other spaces left out", some(of_no_space_, "row"));
  return text;
}

std::string AccuracyTable::identity() const {
  std::string all;
  for (const auto& [encoding, score] : scores_) all += fmt::format("{}={};", encoding, score);
  return fmt::format("table of {} encodings, {}, {} is better, {}", scores_.size(), columns_.value,
                     columns_.higher_is_better ? "higher" : "lower", hex_hash(all));
}

std::vector<AccuracyAnswer> AccuracyTable::answer(const std::vector<AccuracyQuery>& queries) {
  std::vector<AccuracyAnswer> answers(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto found = scores_.find(queries[i].encoding);
    if (found != scores_.end()) {
      answers[i].score = found->second;
    } else {
      answers[i].failure = "no row of " + path_ + " has the encoding";
    }
  }
  return answers;
}

std::unique_ptr<AccuracyOracle> make_accuracy_table(const AccuracySettings& settings, const NetworkFacts&,
                                                    const AccuracyContext& context) {
  AccuracyTable::Columns columns;
  columns.key = settings.text("key", columns.key);
  columns.value = settings.text("value");
  columns.higher_is_better = settings.text("better", "higher") == "higher";
  return std::make_unique<AccuracyTable>(settings.text("table"), std::move(columns), context.canonical);
}

}  // namespace lanewise::nas
