// SPDX-License-Identifier: Apache-2.0
// What a store of measurements holds, and the outcome of merging stores.
#pragma once

#include <string>

#include "study/dataset/dataset.hpp"
#include "study/dataset/store_summary.hpp"

namespace lanewise::report {

std::string to_json(const study::StoreSummary& summary);
std::string to_text(const study::StoreSummary& summary);

std::string to_json(const record::MergeOutcome& outcome, const std::string& store);
std::string to_text(const record::MergeOutcome& outcome, const std::string& store);

// The README.md of an exported dataset: what was measured, how it is split, and the limits of the numbers.
std::string dataset_card(const study::StoreSummary& summary, const study::DatasetOptions& options = {});

}  // namespace lanewise::report
