// SPDX-License-Identifier: Apache-2.0
// Whole networks: partition, ask for each pass, add up.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "core/record/timeline.hpp"
#include "study/evaluation/network_answer.hpp"
#include "study/evaluation/passes.hpp"

namespace lanewise::study {

struct Question {
  const network::Graph* graph = nullptr;
  const engine::EngineConfig* engine = nullptr;
};

struct Answered {
  report::NetworkAnswer answer;
  std::string failure;  // "" or why this engine cannot run this network; then the answer is empty
};

// One answer a question, in order; all passes are asked for together.
std::vector<Answered> answer(const std::vector<Question>& questions, PassSource& source, const Progress& progress = {});
// One question. Throws Error naming network, engine, subgraph and rule when the engine cannot run it.
report::NetworkAnswer answer_one(const network::Graph& graph, const engine::EngineConfig& engine, PassSource& source);

// How far the simulator was checked against RTL of the family of the engine at `hwconfig_path`, which with its
// overrides is `engine`. Throws Error for a malformed family file.
report::RtlStanding rtl_standing(const std::string& hwconfig_path, const engine::EngineConfig& engine);

// By simulation in this process.
report::NetworkAnswer simulate_network(const network::Graph& graph, const engine::EngineConfig& engine);
// The same with all passes in one simulation, one behind the other; every unit's doings are put into `timeline`.
// Throws Error as answer_one.
report::NetworkAnswer simulate_timeline(const network::Graph& graph, const engine::EngineConfig& engine,
                                        record::Timeline& timeline);

}  // namespace lanewise::study
