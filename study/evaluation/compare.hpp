// SPDX-License-Identifier: Apache-2.0
// What differs between two networks, or two engines, subgraph by subgraph.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/comparison.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

struct Side {
  const network::Graph* graph = nullptr;
  const engine::EngineConfig* engine = nullptr;
};

// Subgraphs are matched by the name of their main operator, those left over by equal shape in order; what matches
// nothing stands alone. Throws Error when an engine cannot run its network.
Comparison compare(const Side& a, const Side& b, MeasurementSource& source);

}  // namespace lanewise::study
