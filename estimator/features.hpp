// SPDX-License-Identifier: Apache-2.0
// What the regressor sees of a subgraph on an engine: the subgraph, its closed-form bounds, the engine's parameters.
// Never anything that the tiler or the simulator computed.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// Names, in the order of feature_vector(); part of the model's schema.
const std::vector<std::string>& feature_names();
// So many of them come first and say what was asked: shape, context and engine. The others follow from closed forms.
std::size_t described_features();
// One row, float as XGBoost takes it; absent values are 0 (documented a feature).
std::vector<float> feature_vector(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::estimator
