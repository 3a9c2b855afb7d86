// SPDX-License-Identifier: Apache-2.0
// A store as CSV (RFC 4180), and the meaning of each of its columns, which docs/measurements.md explains too.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/record/csv_form.hpp"
#include "core/record/store.hpp"

namespace lanewise::record {

struct DataColumn {
  std::string name;
  std::string unit;  // "cycles", "bytes", "bytes per second", "picojoules", "elements", "banks", "count", "number",
                     // "fraction", "flag" (0 or 1), "text", or "in the value: …" where each value carries its unit
  std::string meaning;
};

// A column that is computed from each row instead of being in the store. It stands behind `networks`.
struct AddedColumn {
  DataColumn column;
  std::function<std::string(const Row&)> text;
};

// A column of shape, units or engine that has one value in all rows.
struct ConstantColumn {
  DataColumn column;
  std::string value;
};

// What was written where.
struct CsvContents {
  std::vector<DataColumn> columns;        // of the file, in its order
  std::vector<ConstantColumn> constants;  // of the file beside it; none with CsvForm::kTexts
};

// Where export_csv writes the columns that have one value in all rows: "rows.constants.csv" beside "rows.csv". "" where
// there is no such file: with CsvForm::kTexts, and where `path` is a device or a pipe, which takes all columns.
std::string constants_path(const std::string& path, CsvForm form);

// Rows in the order of Store::for_each under a header. Written beside `path` and renamed; so is constants_path(), a
// table `column,unit,value,meaning`. What identifies a row and what was found stays in the rows even where it does not
// vary, and so does everything in a store of one row. Throws Error naming what cannot be read or written, and the
// engine and key whose value is none that CsvForm::kNumbers could write.
CsvContents export_csv(const Store& store, const std::string& path, const std::vector<AddedColumn>& added = {},
                       CsvForm form = CsvForm::kNumbers);

}  // namespace lanewise::record
