// SPDX-License-Identifier: Apache-2.0
// Whole networks: partition, ask for each subgraph, add up.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/graph.hpp"
#include "core/record/timeline.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

struct Question {
  const network::Graph* graph = nullptr;
  const engine::EngineConfig* engine = nullptr;
  const mapping::Partition* partition = nullptr;  // of the two, where it is known already
};

struct Answered {
  NetworkAnswer answer;
  std::string failure;  // "" or why this engine cannot run this network; then the answer is empty
};

// One answer a question, in order; all subgraphs are asked for together.
std::vector<Answered> answer(const std::vector<Question>& questions, MeasurementSource& source,
                             const Progress& progress = {});
// One question. Throws Error naming network, engine, subgraph and rule when the engine cannot run it.
NetworkAnswer answer_one(const Question& question, MeasurementSource& source);
NetworkAnswer answer_one(const network::Graph& graph, const engine::EngineConfig& engine, MeasurementSource& source);

// How far the simulator was checked against RTL of the family of the engine at `hwconfig_path`, which with its
// overrides is `engine`. Throws Error for a malformed family file.
RtlStanding rtl_standing(const std::string& hwconfig_path, const engine::EngineConfig& engine);

// By simulation in this process.
NetworkAnswer simulate_network(const network::Graph& graph, const engine::EngineConfig& engine);
// The same with all subgraphs in one simulation, one behind the other; every unit's doings are put into `timeline`.
// Throws Error as answer_one.
NetworkAnswer simulate_timeline(const network::Graph& graph, const engine::EngineConfig& engine,
                                record::Timeline& timeline);

}  // namespace lanewise::study
