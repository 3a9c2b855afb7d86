// SPDX-License-Identifier: Apache-2.0
// The places of a network at which moves can be made, with what patterns ask of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/rewrite.hpp"
#include "nas/moves/moves_file.hpp"

namespace lanewise::nas {

struct MovePlace {
  std::string move, place;          // "fuse", "ibn3"; the place of moves of a whole network is ""
  std::vector<std::string> blocks;  // kinds of the blocks that the place is, or lies in
  // Edge of the image over edge of the map that the place writes, or works at in the case of a stage; 0: it has none.
  double at_stride = 0;
  std::int64_t map = 0;       // edge of that map, its height unless it has one spatial axis; 0: it has none
  std::int64_t stride = 0;    // of its window; 0: it has none
  std::int64_t kernel = 0;    // edge of its window; 0: it has none
  std::int64_t channels = 0;  // that it reads; of a stage: that the first convolution at its resolution writes; 0: none
  std::int64_t most = 0;      // drop: blocks of the run; groups: channels of the layer
  double depth = 0;           // (i + 0.5) / n: the i-th of n places of its move, from 0
  bool residual = false;      // whether its block adds its input to its output
  double expansion = 0;       // channels inside its block over those that the block reads; 0: it has none
};

// In the order of the genes of a MoveSpace with all moves.
std::vector<MovePlace> places_of(const network::Graph& graph, const network::MoveSites& sites);
// Whether the place fulfils all conditions. A condition on what the place has not does not hold.
bool matches(const PlacePattern& pattern, const MovePlace& place);
// The first condition that the place does not fulfil, in words: "map 8, where 14 to 160 is known"; "" where it
// fulfils all.
std::string outside(const PlacePattern& range, const MovePlace& place);

}  // namespace lanewise::nas
