// SPDX-License-Identifier: Apache-2.0
// Whether an engine can run a subgraph at all. Planners ask before they plan, and whoever answers without planning, as
// an estimator does, asks the same: what the one refuses, the other refuses, in the same words.
#pragma once

#include <string>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// "", or why the engine cannot run the subgraph: it has no rate for the precision, not even the smallest part of the
// work has room in its banks, or the plan would be too long (core/mapping/plan_size.hpp). The text names engine,
// subgraph and rule. A pure function of sizes that needs no plan and takes well under a microsecond where the subgraph
// fits with room to spare.
std::string refusal_of(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
