// SPDX-License-Identifier: Apache-2.0
// Places an answer under the engine's roofline.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/network_answer.hpp"
#include "study/evaluation/roofline.hpp"

namespace lanewise::study {

// `answer` must be the answer about `graph` on `engine`; InternalError where its subgraphs are not the partition's.
Profile profile(const network::Graph& graph, const engine::EngineConfig& engine, const NetworkAnswer& answer);

}  // namespace lanewise::study
