// SPDX-License-Identifier: Apache-2.0
// The engine of a measured row: a description changed by the row's own columns.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "study/validation/validation_rows.hpp"

namespace lanewise::study {

// Behind the value of a column that says how large all banks are together: each has its share.
inline constexpr const char* kOverAllBanks = " B over all banks";

// The override that a column makes to `engine`. Latencies stand in columns as cycles of the engine's clock, and in a
// description as times.
engine::Override column_override(const engine::EngineConfig& engine, const engine::Override& change);

// `base` with the overrides of the row's columns. Throws Error naming `file` and the row's line, and the column too
// when its value is refused by itself.
engine::EngineConfig row_engine(const engine::EngineConfig& base, const ValidationSubgraph& subgraph,
                                const std::string& file);

}  // namespace lanewise::study
