// SPDX-License-Identifier: Apache-2.0
// Answers questions about whole networks: partitions them, measures each subgraph, and adds up.
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
  std::string failure;  // "", or why the engine cannot run the network; then the answer is empty
};

// One answer per question, in order. The subgraphs of all questions are measured in one batch.
std::vector<Answered> answer(const std::vector<Question>& questions, MeasurementSource& source,
                             const Progress& progress = {});
// The answer to one question. Throws Error naming network, engine, subgraph and rule when the engine cannot run it.
NetworkAnswer answer_one(const Question& question, MeasurementSource& source);
NetworkAnswer answer_one(const network::Graph& graph, const engine::EngineConfig& engine, MeasurementSource& source);

// How far the simulator was checked against RTL of the family of `engine`, which was loaded from `hwconfig_path` with
// whatever overrides. Throws Error for a malformed family file.
RtlCheckSummary rtl_check_summary(const std::string& hwconfig_path, const engine::EngineConfig& engine);

// Simulates in this process.
NetworkAnswer simulate_network(const network::Graph& graph, const engine::EngineConfig& engine);
// The same, with all subgraphs in one simulation, one after the other; the activity of every unit is recorded in
// `timeline`. Throws Error as answer_one does.
NetworkAnswer simulate_timeline(const Question& question, record::Timeline& timeline);
NetworkAnswer simulate_timeline(const network::Graph& graph, const engine::EngineConfig& engine,
                                record::Timeline& timeline);

}  // namespace lanewise::study
