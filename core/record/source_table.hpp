// SPDX-License-Identifier: Apache-2.0
// Who measured the rows of a store, where that was not the simulator. Private to this module.
#pragma once

#include <string>

#include "core/record/sqlite.hpp"

namespace lanewise::record {

// Of a store whose rows a person's program measured. Another number than that of simulated rows, so that a tool that
// knows of no programs refuses the store instead of taking its rows for simulated ones.
inline constexpr std::int64_t kExternalSchemaVersion = 3;

// The name of who measured; "" where the simulator did. Throws Error naming the file for a name that no tool writes.
std::string read_source(const Connection& connection);
// Marks a store without rows. `source` is not "".
void write_source(const Connection& connection, const std::string& source);

}  // namespace lanewise::record
