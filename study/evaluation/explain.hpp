// SPDX-License-Identifier: Apache-2.0
// Everything that is known about one layer.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/explanation.hpp"

namespace lanewise::study {

// The subgraphs that an operator (or subgraph) of this name is part of; a part of a name will do where only one has it.
// `model` may be null; `level` is of its intervals, in (0, 1). Throws Error naming the layer, and those meant perhaps,
// when there is none or more than one.
std::vector<Explanation> explain(const network::Graph& graph, const engine::EngineConfig& engine,
                                 const std::string& layer, const estimator::Estimator* model, double level = 0.9);

}  // namespace lanewise::study
