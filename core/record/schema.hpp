// SPDX-License-Identifier: Apache-2.0
// What makes an SQLite file a store of measurements. Private to this module.
#pragma once

#include "core/record/sqlite.hpp"

namespace lanewise::record {

// Creates the tables of an empty store and marks the file as one.
void create_tables(const Connection& connection);
// Throws Error naming the file unless it is a store of this schema version.
void require_store(const Connection& connection);

}  // namespace lanewise::record
