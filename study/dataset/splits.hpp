// SPDX-License-Identifier: Apache-2.0
// Training, validation and test splits of a store for whoever trains on it. The test side is exactly what Lanewise's
// own estimator is tested on.
#pragma once

#include <string>
#include <vector>

#include "core/record/splits_table.hpp"
#include "core/record/store.hpp"
#include "estimator/estimator.hpp"

namespace lanewise::study {

inline constexpr int kValidationPercent = 10;

// The split columns of a dataset: by row, by engine, by shape.
struct SplitColumn {
  estimator::Split split;
  const char* column;   // "split_row", "split_engine", "split_shape"
  const char* meaning;  // what falls on one side together
};
const std::vector<SplitColumn>& split_columns();

// One entry per row, in the store's order. "test" is exactly estimator::held_out over the measured rows; "outside"
// marks rows that are neither held out nor trained on; of the others 10 % are "validation", those where
// stable_hash("validation:" column ":" key) % 10000 < 1000 with the key that the test side is drawn by; rows that
// failed have "". Throws Error naming `name` when a row was measured by another version of the tool, whose engines this
// one may read differently.
std::vector<record::RowSplits> split_rows(const record::Store& store, const std::string& name);
// The side of `row` in the column with this index in split_columns().
const std::string& side_of(const record::RowSplits& row, std::size_t column);

}  // namespace lanewise::study
