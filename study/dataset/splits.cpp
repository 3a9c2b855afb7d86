// SPDX-License-Identifier: Apache-2.0
#include "study/dataset/splits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/row_origin.hpp"

namespace lanewise::study {
namespace {

using estimator::Split;

// What falls on one side together, as text: the keys of docs/estimator.md.
std::string split_key(Split split, const record::Row& row, const estimator::Sample& sample) {
  switch (split) {
    case Split::kRandom:
      return row.engine_hash + " " + row.subgraph_key;
    case Split::kUnseenEngine:
      return fmt::format("{} {} {}", sample.engine->array.parallelism_factor, sample.engine->array.dot_product_lanes,
                         sample.engine->onchip_capacity().count());
    case Split::kUnseenShape:
      return mapping::shape_key(sample.subgraph.shape);
  }
  throw InternalError("a split without a key");
}

bool drawn_for_validation(const SplitColumn& column, const std::string& key) {
  return stable_hash(fmt::format("validation:{}:{}", column.column, key)) % 10000 < kValidationPercent * 100;
}

std::string& side_of(record::RowSplits& row, std::size_t column) {
  return column == 0 ? row.row : column == 1 ? row.engine : row.shape;
}

// The measured rows of a store, and what validation is drawn by. Measurements themselves decide nothing.
struct MeasuredRows {
  std::deque<engine::EngineConfig> engines;  // samples point into it
  std::vector<estimator::Sample> samples;
  std::vector<std::size_t> rows;                 // of each sample: which row of the store
  std::vector<std::vector<bool>> validation{3};  // by column, by sample

  void add(const std::string& name, const record::Row& row, std::size_t number) {
    if (row.engine_hash != last_hash_) {
      engines.push_back(record::engine_of(name, row));
      last_hash_ = row.engine_hash;
      outside_ = std::count(row.engine_values.begin(), row.engine_values.end(),
                            std::pair<std::string, std::string>(record::kOutsideRangesKey, "true")) > 0;
    }
    estimator::Sample sample;
    sample.engine = &engines.back();
    sample.subgraph = record::subgraph_of(name, row);
    sample.weight = row.weight;
    sample.outside_ranges = outside_;
    for (std::size_t c = 0; c < split_columns().size(); ++c) {
      const SplitColumn& column = split_columns()[c];
      validation[c].push_back(drawn_for_validation(column, split_key(column.split, row, sample)));
    }
    samples.push_back(std::move(sample));
    rows.push_back(number);
  }

 private:
  std::string last_hash_;
  bool outside_ = false;
};

}  // namespace

const std::vector<SplitColumn>& split_columns() {
  static const std::vector<SplitColumn> columns = {
      {Split::kRandom, "split_row", "each row by itself"},
      {Split::kUnseenEngine, "split_engine",
       "all rows of engines with one parallelism factor, lanes and on-chip memory together"},
      {Split::kUnseenShape, "split_shape", "all rows of one shape together, on every engine and in every context"},
  };
  return columns;
}

const std::string& side_of(const record::RowSplits& row, std::size_t column) {
  return column == 0 ? row.row : column == 1 ? row.engine : row.shape;
}

std::vector<record::RowSplits> split_rows(const record::Store& store, const std::string& name) {
  std::vector<record::RowSplits> splits;
  MeasuredRows measured;
  store.for_each([&](const record::Row& row) {
    if (row.tool_version != version()) {
      throw Error(
          fmt::format("{}: holds rows of lanewise {}: splits are drawn by the version that measured, and this is "
                      "{}",
                      name, row.tool_version, version()));
    }
    if (row.failure.empty()) measured.add(name, row, splits.size());
    splits.push_back({row.engine_hash, row.subgraph_key, row.tool_version, "", "", ""});
  });
  for (std::size_t c = 0; c < split_columns().size(); ++c) {
    const std::vector<bool> test = estimator::held_out(measured.samples, split_columns()[c].split);
    for (std::size_t i = 0; i < measured.samples.size(); ++i) {
      side_of(splits[measured.rows[i]], c) = test[i]                              ? "test"
                                             : measured.samples[i].outside_ranges ? "outside"
                                             : measured.validation[c][i]          ? "validation"
                                                                                  : "train";
    }
  }
  return splits;
}

}  // namespace lanewise::study
