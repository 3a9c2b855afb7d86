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
  bool searched = false;                              // whether the network is among those that the patterns come from
  nas::MovesFile file;                                // as it was made: patterns that were left off are not taken
  nas::SettledMoves settled;                          // the moves on this network
  std::vector<std::string> left_off;                  // "NAME: reason" of patterns that were left off, in that order
  double capacity_parameters = 0, capacity_macs = 0;  // shares that were to be kept
  Totals before, after;                               // simulated
  // With every pattern that keeps the capacity, before those were left off that cost latency here.
  Totals with_all;
  // With those that stay, before any was made at places beyond what the searches covered.
  Totals within_record;
  std::vector<std::string> reached;  // names of patterns that are made at such places, as the simulator found it pays
  int simulated = 0;                 // designs, that before among them

  // Of the latency before; by all patterns that keep the capacity.
  double saved_percent() const;
  double saved_by_all_percent() const;
  double saved_within_record_percent() const;
};

// Shares that a trial keeps where the searches had no such limit.
inline constexpr double kTrialCapacity = 0.9;

// Patterns are left off that break the capacity, and then, each tried once by simulation, those without which the
// network is faster: what several networks share may not hold for this one. The least supported go first. Those that
// stay are then tried at places beyond what the searches covered, too. Throws Error as settle_moves and answer_one.
PatternTrial try_patterns(const Patterns& patterns, const network::Graph& graph, const engine::EngineConfig& engine,
                          MeasurementSource& simulator);

}  // namespace lanewise::study
