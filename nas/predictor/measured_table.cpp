// SPDX-License-Identifier: Apache-2.0
#include "nas/predictor/measured_table.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/record/csv.hpp"
#include "nas/oracles/score_cells.hpp"
#include "nas/scores/topology_features.hpp"

namespace lanewise::nas {
namespace {

// Measurements of one network, added up without cancellation.
// Source: Welford, Note on a method for calculating corrected sums of squares and products, Technometrics 4, 1962.
struct Sum {
  double mean = 0, within = 0;
  std::int64_t count = 0;
  void add(double value) {
    ++count;
    const double away = value - mean;
    mean += away / static_cast<double>(count);
    within += away * (value - mean);
  }
};

// The canonical encoding of the row's network. Throws Error naming the place.
std::string encoding_in(const record::CsvTable& table, const record::CsvRow& row, std::size_t column,
                        const NetworkSpace& space) {
  const std::string& text = row.cells[column];
  const std::string place = fmt::format("{}:{}: column '{}': ", table.path, row.line, printable(table.columns[column]));
  if (text.empty()) throw Error(place + "must hold an encoding");
  try {
    return space.encode(space.decode(text));
  } catch (const Error& error) {
    throw Error(place + error.what());
  }
}

}  // namespace

MeasuredTable read_measured(const std::string& path, const std::string& key, const std::string& value,
                            const NetworkSpace& space) {
  const record::CsvTable table = record::read_csv(path);
  const std::size_t encodings = score_column(table, key, "encodings");
  const std::size_t values = score_column(table, value, "measured values");
  MeasuredTable measured;
  std::map<std::string, Sum> sums;
  std::string refusal;
  for (const record::CsvRow& row : table.rows) {
    if (row.cells[encodings].empty()) encoding_in(table, row, encodings, space);
    if (is_no_score(row.cells[values])) {
      ++measured.without_value;
      continue;
    }
    const double number = score_in(table, row, value, row.cells[values]);
    std::string encoding;
    try {
      encoding = encoding_in(table, row, encodings, space);
    } catch (const Error& error) {
      if (refusal.empty()) refusal = error.what();
      ++measured.of_no_space;
      continue;
    }
    sums[encoding].add(number);
    ++measured.rows;
  }
  if (sums.empty() && !refusal.empty()) {
    throw Error(refusal + " (and none of the other rows has an encoding of the space)");
  }
  if (sums.empty()) throw Error(fmt::format("{}: column '{}': holds no number", path, printable(value)));
  for (const auto& [encoding, sum] : sums) {
    MeasuredNetwork network;
    network.encoding = encoding;
    try {
      network.features = topology_features_of(space.build(space.decode(encoding), {}));
    } catch (const Error&) {
      ++measured.not_built;
      continue;
    }
    network.value = sum.mean;
    network.count = sum.count;
    network.within = sum.within;
    measured.networks.push_back(std::move(network));
  }
  return measured;
}

ScoreTable read_scores(const std::string& path, const std::string& key, const std::string& value,
                       const NetworkSpace& space) {
  const record::CsvTable table = record::read_csv(path);
  const std::size_t encodings = score_column(table, key, "encodings");
  ScoreTable scores;
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (c == encodings) continue;
    if (table.columns[c] == value) {
      throw Error(fmt::format("{}: column '{}': is what is to be predicted, and no score", path, printable(value)));
    }
    columns.push_back(c);
    scores.names.push_back(table.columns[c]);
  }
  if (columns.empty()) throw Error(path + ": holds no column of scores");
  for (const record::CsvRow& row : table.rows) {
    std::vector<double> numbers;
    for (const std::size_t c : columns) numbers.push_back(score_in(table, row, table.columns[c], row.cells[c]));
    std::string encoding;
    try {
      encoding = encoding_in(table, row, encodings, space);
    } catch (const Error&) {
      if (row.cells[encodings].empty()) throw;
      continue;
    }
    const auto [place, is_new] = scores.scores.emplace(encoding, numbers);
    if (!is_new && place->second != numbers) {
      throw Error(fmt::format("{}:{}: other scores than an earlier row of the same network", path, row.line));
    }
  }
  return scores;
}

}  // namespace lanewise::nas
