// SPDX-License-Identifier: Apache-2.0
// An answer under the engine's roofline.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "report/profile.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// `answer` is what this network costs on this engine.
report::Profile profile(const network::Graph& graph, const engine::EngineConfig& engine,
                        const report::NetworkAnswer& answer);

}  // namespace lanewise::study
