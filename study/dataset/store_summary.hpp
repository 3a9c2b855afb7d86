// SPDX-License-Identifier: Apache-2.0
// What a store holds, counted.
#pragma once

#include <string>

#include "core/record/store.hpp"
#include "report/store.hpp"

namespace lanewise::study {

// `name`: as the store is called in the answer. Splits are counted where every row is of this version of the tool.
report::StoreSummary summarize_store(const record::Store& store, const std::string& name);
// Opens the store first. Throws Error naming it when it cannot be read: reading makes no store.
report::StoreSummary summarize_store(const std::string& path);

}  // namespace lanewise::study
