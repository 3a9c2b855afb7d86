// SPDX-License-Identifier: Apache-2.0
// Cells of tables that hold scores of networks.
#pragma once

#include <cstddef>
#include <string>

#include "core/record/csv.hpp"

namespace lanewise::nas {

// Where the column stands. Throws Error naming the file, the column, what it is for ("encodings") and the columns there
// are.
std::size_t score_column(const record::CsvTable& table, const std::string& name, const char* what);
// Whether the cell says that there is no score: empty, "nan", "none" and the like.
bool is_no_score(std::string text);
// The score in the cell. Throws Error naming file, line, column and rule where it is no finite number.
double score_in(const record::CsvTable& table, const record::CsvRow& row, const std::string& column,
                const std::string& text);

}  // namespace lanewise::nas
