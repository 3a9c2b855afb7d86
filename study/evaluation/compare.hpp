// SPDX-License-Identifier: Apache-2.0
// What differs between two networks, or two engines, pass by pass.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "report/compare.hpp"
#include "study/evaluation/passes.hpp"

namespace lanewise::study {

struct Side {
  const network::Graph* graph = nullptr;
  const engine::EngineConfig* engine = nullptr;
};

// Passes are matched by the name of their main operator, those left over by equal shape in order; what matches nothing
// stands alone. Throws Error when an engine cannot run its network.
report::Comparison compare(const Side& a, const Side& b, PassSource& source);

}  // namespace lanewise::study
