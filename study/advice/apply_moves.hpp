// SPDX-License-Identifier: Apache-2.0
// A moves file applied to a network and an engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/network/graph.hpp"
#include "nas/moves/resolve.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// What one entry did.
struct AppliedEntry {
  std::size_t entry = 0;            // of the file
  std::vector<std::string> places;  // "" of a move of the whole network
  std::vector<nas::SkippedMove> skipped;
  std::int64_t macs = 0, parameters = 0;  // of the network with this entry and those before it
};

struct AppliedMoves {
  nas::ResolvedMoves resolved;
  network::Graph graph;                        // after all of them
  std::optional<engine::EngineConfig> engine;  // with its changes, where an engine was given
  std::int64_t macs_before = 0, parameters_before = 0;
  std::vector<AppliedEntry> entries;  // those that are taken, in their order
  std::int64_t vetoed = 0, not_taken = 0;
  std::optional<Totals> before, after;  // simulated, where an engine was given
  bool keeps_capacity = true;           // whether the network has the capacity that the file asks for
  std::vector<std::string> widened;     // multipliers that were widened for it: nas::SettledMoves
};

// `engine`: nullptr where there is none. Throws Error as nas::settle_moves and network::apply, where the file changes
// an engine, is for some engines or for a capacity, or follows its parallelism factor and there is none, where the
// engine refuses what the file sets its keys to, and where it cannot run the network before or after.
AppliedMoves apply_moves(const nas::MovesFile& file, const network::Graph& graph, const engine::EngineConfig* engine,
                         MeasurementSource* simulator);

}  // namespace lanewise::study
