// SPDX-License-Identifier: Apache-2.0
// Patterns made on one network and engine, and simulated beside what was there.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "nas/moves/settle.hpp"
#include "study/advice/patterns.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

struct PatternTrial {
  std::string network, engine;
  bool searched = false;              // whether the network is among those that the patterns come from
  nas::MovesFile file;                // as it was made: patterns that were left off are not taken
  nas::SettledMoves settled;          // the moves on this network
  std::vector<std::string> left_off;  // "NAME: reason" of patterns that broke the capacity, the least supported first
  double capacity_parameters = 0, capacity_macs = 0;  // shares that were to be kept
  Totals before, after;                               // simulated

  // Of the latency before.
  double saved_percent() const;
};

// Shares that a trial keeps where the searches had no such limit.
inline constexpr double kTrialCapacity = 0.9;

// Throws Error as settle_moves and answer_one.
PatternTrial try_patterns(const Patterns& patterns, const network::Graph& graph, const engine::EngineConfig& engine,
                          MeasurementSource& simulator);

}  // namespace lanewise::study
