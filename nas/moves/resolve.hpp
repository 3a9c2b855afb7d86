// SPDX-License-Identifier: Apache-2.0
// What the entries of a moves file mean for a network and an engine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "core/network/rewrite.hpp"
#include "nas/moves/moves_file.hpp"

namespace lanewise::nas {

// An entry at one place.
struct PlacedMove {
  std::size_t entry = 0;           // of the file
  std::string move, place, value;  // the place is a key where the move is "engine"; the value "" only of a veto
};
// A place that an entry speaks of and that it does nothing at.
struct SkippedMove {
  std::size_t entry = 0;
  std::string place;   // "": its pattern matches nothing
  std::string reason;  // one line
};

struct ResolvedMoves {
  std::vector<PlacedMove> moves;   // of the entries that are taken, in their order: at most one for each move and place
  std::vector<PlacedMove> vetoed;  // of those that are vetoed
  std::vector<SkippedMove> skipped;
  network::MoveSites sites;  // of the network

  // The changes of the engine.
  std::vector<engine::Override> engine_overrides() const;
  // Whether the network depends on the engine's parallelism factor: aligned channels, groups of as many as lanes.
  bool reads_parallelism() const;
  // The moves on the network; `parallelism` is the factor of the engine as it is after the moves.
  network::Moves moves_for(std::int64_t parallelism) const;
  // Whether this was vetoed.
  bool is_vetoed(const std::string& move, const std::string& place, const std::string& value) const;
};

// Entries that name a place that the network has not, a value that the place cannot take, or what an entry before says
// otherwise throw Error naming file, line, place, rule and what there is. Where a pattern speaks of such a place, the
// place is skipped. Entries that are neither taken nor vetoed say nothing. Keys of the engine are not tried here.
ResolvedMoves resolve_moves(const MovesFile& file, const network::Graph& graph);

}  // namespace lanewise::nas
