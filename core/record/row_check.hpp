// SPDX-License-Identifier: Apache-2.0
// What a row of a store may say, whoever wrote the file. Private to this module; row_origin.hpp has what is checked of
// engines and subgraphs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/record/sqlite.hpp"
#include "core/record/store.hpp"

namespace lanewise::record {

// The columns of a row of `measurements`, in the order of the schema.
constexpr int kRowColumns = 16;
// The same as a list for SELECT.
extern const char* const kRowColumnNames[kRowColumns];

// Reads the row that `from` is at, whose first column is `first`, into `row`; its engine's values and its networks stay
// as they are. Throws Error "measurement store 'PATH': engine E, pass 'P': COLUMN is VALUE: must be RULE" for a cell
// that holds something else than its column should, or a value that no measurement has: below 0, infinite, no latency
// of what did not fail.
void read_row(const std::string& path, const Statement& from, int first, Row& row);

// The same for a network that holds a row's subgraph.
void require_membership(const std::string& path, const Row& row, const NetworkMembership& member);

}  // namespace lanewise::record
