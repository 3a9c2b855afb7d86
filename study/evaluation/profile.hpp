// SPDX-License-Identifier: Apache-2.0
// An answer under the engine's roofline.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/network_answer.hpp"
#include "study/evaluation/roofline.hpp"

namespace lanewise::study {

// `answer` is what this network costs on this engine.
Profile profile(const network::Graph& graph, const engine::EngineConfig& engine, const NetworkAnswer& answer);

}  // namespace lanewise::study
