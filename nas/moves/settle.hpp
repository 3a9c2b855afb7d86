// SPDX-License-Identifier: Apache-2.0
// What the entries of a moves file mean for a network on an engine: those for other engines are left out, and those
// that stand for capacity are made as far as the capacity of the file asks. Only parameters and MACs are counted:
// nothing is priced, so nothing is searched.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "nas/moves/moves_file.hpp"
#include "nas/moves/resolve.hpp"

namespace lanewise::nas {

struct SettledMoves {
  ResolvedMoves moves;          // as resolve_moves gives them, with settled values
  engine::EngineConfig engine;  // after its own moves
  // After all moves over before, of the network; 1 where nothing changes it.
  double parameters_share = 1, macs_share = 1;
  bool keeps_capacity = true;  // where the file has none, it is kept
  // Multipliers that were widened for the capacity: "stage4: 0.575 in place of 0.5".
  std::vector<std::string> widened;
};

// Whether an entry is for this engine.
bool is_for(const EnginePattern& pattern, const engine::EngineConfig& engine);
// The pattern in words: "engines of family ne with at least 256 MACs a cycle"; "" of one without conditions.
std::string to_text(const EnginePattern& pattern);

// First without the entries that add, and with those that yield as they are written. Then, until the network has the
// capacity: what adds is made, in the order of the file and the last place of an entry first; then what yields is taken
// back, the last entry and place first, multipliers by steps of 1/40 towards 1. Throws Error as resolve_moves, as
// network::apply, and where the engine refuses its changes.
SettledMoves settle_moves(const MovesFile& file, const network::Graph& graph, const engine::EngineConfig& engine);

}  // namespace lanewise::nas
