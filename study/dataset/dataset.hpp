// SPDX-License-Identifier: Apache-2.0
// A store as a dataset for other people: rows, splits, a dictionary of the columns and a card that says what it is.
#pragma once

#include <functional>
#include <string>

#include "study/dataset/store_summary.hpp"

namespace lanewise::study {

// Writes measurements.csv, measurements.sqlite, dictionary.csv and README.md into `folder`, which must not exist or be
// empty; it appears complete or not at all. The same rows give the same bytes. Throws Error naming the store or the
// folder: the store cannot be read, holds no rows, rows of another version of the tool or engines of two families; the
// folder is not empty or cannot be written. `card` gives the text of README.md.
StoreSummary export_dataset(const std::string& store, const std::string& folder,
                            const std::function<std::string(const StoreSummary&)>& card);

}  // namespace lanewise::study
