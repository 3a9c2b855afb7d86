// SPDX-License-Identifier: Apache-2.0
// How the rows of a store are written as CSV.
#pragma once

namespace lanewise::record {

enum class CsvForm {
  // Values of engines are numbers, in the unit that the column's name ends in (`memory.bank_size_bytes`), and switches
  // are 0 or 1. Columns that have one value in all rows stand in a file beside, once.
  kNumbers,
  // Values of engines as `--set` takes them (`32 KiB`), and every column in the rows.
  kTexts,
};

}  // namespace lanewise::record
