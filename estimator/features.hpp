// SPDX-License-Identifier: Apache-2.0
// The feature vector of a subgraph on an engine: its shape and context, the engine's parameters, and quantities of the
// analytical model. Features never depend on tile plans or on simulation results, so they are known before anything is
// planned or measured.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// The names, in the order of feature_vector(). They are part of the model's schema.
const std::vector<std::string>& feature_names();
// The number of leading features that describe the query itself: shape, context, engine and what this makes of the
// weights. The remaining ones come from the analytical model.
std::size_t described_features();
// One value per feature, in single precision as XGBoost takes them. A quantity that does not apply is 0;
// docs/estimator.md says so for each feature. Throws Error when the engine cannot run the subgraph's precision.
std::vector<float> feature_vector(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::estimator
