// SPDX-License-Identifier: Apache-2.0
// The rows of a store as a regressor sees them: features, labels and splits, for somebody else's regressor.
#pragma once

#include <string>
#include <vector>

#include "core/record/export_csv.hpp"
#include "core/record/splits_table.hpp"
#include "core/record/store.hpp"

namespace lanewise::study {

// What the names of the features' columns begin with, so that they are told from labels and splits.
inline constexpr const char* kFeaturePrefix = "f_";

// Writes features.csv: one row per measured row of the store (failed ones have nothing to learn), in the store's order,
// which is the order that Lanewise trains in. Numbers are the shortest text that reads back as the very number that
// training sees. `splits`: of all rows, as split_rows() gives them. Returns the columns, in their order. Throws Error
// naming `name` for rows that this version of the tool cannot read, or the file where it cannot be written.
std::vector<record::DataColumn> export_features(const record::Store& store, const std::string& name,
                                                const std::vector<record::RowSplits>& splits, const std::string& path);

}  // namespace lanewise::study
