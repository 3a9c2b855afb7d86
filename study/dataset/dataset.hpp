// SPDX-License-Identifier: Apache-2.0
// Exports a store as a dataset for publication: rows, splits, a data dictionary, and a dataset card.
#pragma once

#include <functional>
#include <string>

#include "study/dataset/store_summary.hpp"

namespace lanewise::study {

// Writes measurements.csv, measurements.sqlite, dictionary.csv and README.md into `folder`, which must not exist or
// must be empty. The folder appears complete or not at all, and equal rows give equal bytes. `card` returns the text of
// README.md. Throws Error naming the store when it cannot be read, holds no rows, rows of another version of the tool,
// or engines of two families; and naming the folder when it is not empty or cannot be written.
StoreSummary export_dataset(const std::string& store, const std::string& folder,
                            const std::function<std::string(const StoreSummary&)>& card);

}  // namespace lanewise::study
