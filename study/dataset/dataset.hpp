// SPDX-License-Identifier: Apache-2.0
// Exports a store as a dataset for publication: rows, splits, a data dictionary, and a dataset card.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/record/csv_form.hpp"
#include "study/dataset/store_summary.hpp"

namespace lanewise::study {

struct DatasetOptions {
  record::CsvForm form = record::CsvForm::kNumbers;  // of measurements.csv
  bool features = false;                             // features.csv and features_dictionary.csv, too
};

// The names of the files that export_dataset makes.
std::vector<std::string> dataset_files(const DatasetOptions& options);

// Writes measurements.csv with measurements.constants.csv, measurements.sqlite, dictionary.csv and README.md into
// `folder`, which must not exist or must be empty. The folder appears complete or not at all, and equal rows give equal
// bytes. `card` returns the text of README.md. Throws Error naming the store when it cannot be read, holds no rows,
// rows of another version of the tool, or engines of two families; and naming the folder when it is not empty or cannot
// be written.
StoreSummary export_dataset(const std::string& store, const std::string& folder,
                            const std::function<std::string(const StoreSummary&)>& card,
                            const DatasetOptions& options = {});

}  // namespace lanewise::study
