// SPDX-License-Identifier: Apache-2.0
// What targets do with a network and an engine that were taken: ask what the one costs on the other, and look whether
// the answer can be.
#pragma once

#include <string>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "estimator/estimator.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

// Of hwconfigs/, loaded once.
const engine::EngineConfig& shipped_engine(const std::string& name);
// A few operators of several kinds, imported once: corpus/onnx/good_small.onnx.
const network::Graph& small_network();

// Partitions, plans and simulates where the work is small enough to take well under a second on a common engine.
// Returns
// "" or why the engine refuses. Throws Nonsense for totals that cannot be.
std::string simulate_within_bounds(const network::Graph& graph, const engine::EngineConfig& engine);
// The same with an estimator, which must refuse exactly what the simulator refuses.
std::string estimate_within_bounds(const network::Graph& graph, const engine::EngineConfig& engine,
                                   const estimator::Estimator& estimator);

}  // namespace lanewise::fuzz
