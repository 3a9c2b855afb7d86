// SPDX-License-Identifier: Apache-2.0
// Features of a subgraph whose analytical model has been evaluated already. Private to this module.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "estimator/analytical_model.hpp"

namespace lanewise::estimator {

// Appends feature_names().size() values, in that order.
void append_features(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, const Analytic& analytic,
                     std::vector<float>& values);

}  // namespace lanewise::estimator
