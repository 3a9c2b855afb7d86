// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/accuracy_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/record/csv.hpp"
#include "nas/oracles/score_cells.hpp"

namespace lanewise::nas {
AccuracyTable::AccuracyTable(const std::string& path, Columns columns,
                             const std::function<std::string(const std::string&)>& canonical)
    : path_(path), columns_(std::move(columns)) {
  const record::CsvTable table = record::read_csv(path);
  const std::size_t key = score_column(table, columns_.key, "encodings");
  const std::size_t value = score_column(table, columns_.value, "scores");
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
    if (is_no_score(row.cells[value])) {
      ++without_value_;
      continue;
    }
    const double score = score_in(table, row, columns_.value, row.cells[value]);
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
