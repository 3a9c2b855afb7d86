// SPDX-License-Identifier: Apache-2.0
// Collects everything that is known about one layer.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/explanation.hpp"

namespace lanewise::study {

// One explanation per subgraph that the operator `layer` is part of, in a cascade of its middle stripe. `layer` may be
// part of a name as long as only one operator's name contains it. `model` may be null; `level`, in (0, 1), is that of
// its prediction intervals. Throws Error naming the layer when no operator matches, naming the candidates when several
// do, and when the layer costs nothing on this engine.
std::vector<Explanation> explain(const network::Graph& graph, const engine::EngineConfig& engine,
                                 const std::string& layer, const estimator::Estimator* model, double level = 0.9);

}  // namespace lanewise::study
