// SPDX-License-Identifier: Apache-2.0
// The engine of a measured row: a description changed by the row's own columns.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "study/validation/validation_rows.hpp"

namespace lanewise::study {

// A column's change as an override of `engine`: latencies are measured in cycles of its clock, and described in time.
engine::Override column_override(const engine::EngineConfig& engine, const engine::Override& change);

// `base` with the changes of the row's columns. Throws Error naming `file`, the row's line, and the column whose value
// alone is refused, if there is one.
engine::EngineConfig row_engine(const engine::EngineConfig& base, const ValidationSubgraph& subgraph,
                                const std::string& file);

}  // namespace lanewise::study
