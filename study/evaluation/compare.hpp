// SPDX-License-Identifier: Apache-2.0
// Compares two networks, or one network on two engines, subgraph by subgraph.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/comparison.hpp"
#include "study/evaluation/estimate.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

struct Side {
  const network::Graph* graph = nullptr;
  const engine::EngineConfig* engine = nullptr;
};

// Subgraphs are matched by the name of their main operator, the remaining ones by equal shape in order; a subgraph
// without a match stands alone. Throws Error when an engine cannot run its network.
Comparison compare(const Side& a, const Side& b, MeasurementSource& source);
// The same as estimators predict it, each of its side, with intervals. Nothing is planned.
Comparison compare(const Side& a, const estimator::Estimator& estimator_a, const Side& b,
                   const estimator::Estimator& estimator_b, const EstimateOptions& options = {});

}  // namespace lanewise::study
