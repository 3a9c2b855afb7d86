// SPDX-License-Identifier: Apache-2.0
// A store as CSV (RFC 4180), and the meaning of each of its columns, which docs/measurements.md explains too.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/record/store.hpp"

namespace lanewise::record {

struct DataColumn {
  std::string name;
  std::string unit;  // "cycles", "bytes", "picojoules", "elements", "banks", "count", "fraction", "flag" (0 or 1),
                     // "text", or "in the value: …" where each value carries its unit
  std::string meaning;
};

// A column that is computed from each row instead of being in the store. It stands behind `networks`.
struct AddedColumn {
  DataColumn column;
  std::function<std::string(const Row&)> text;
};

// Rows in the order of Store::for_each under a header. Written beside `path` and renamed. Throws Error naming what
// cannot be read or written.
void export_csv(const Store& store, const std::string& path, const std::vector<AddedColumn>& added = {});
// The columns of that file, in its order: the header and the rows are made by the same calls.
std::vector<DataColumn> csv_columns(const Store& store, const std::vector<AddedColumn>& added = {});

}  // namespace lanewise::record
