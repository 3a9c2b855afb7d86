// SPDX-License-Identifier: Apache-2.0
// What a row of a store was measured on, as values that were checked.
#pragma once

#include <string>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/store.hpp"

namespace lanewise::record {

// The engine and the subgraph that a row of this version of the tool was measured on. Throws Error naming store and
// row where a key of the engine is missing, unknown or has an impossible value, and where the subgraph's key is
// malformed.
engine::EngineConfig engine_of(const std::string& path, const Row& row);
mapping::Subgraph subgraph_of(const std::string& path, const Row& row);

}  // namespace lanewise::record
