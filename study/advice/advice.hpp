// SPDX-License-Identifier: Apache-2.0
// What a move is worth on a network and an engine.
#pragma once

#include <string>

namespace lanewise::study {

// A move by itself, beside the network as it is.
struct MoveGain {
  std::string move, place, value;  // "fuse", "ibn1", ""
  double latency_saved_ms = 0;     // below 0: it costs
  double parameters_added = 0;     // below 0: it saves some
  // Latency saved per parameter added; infinite where it saves latency and adds none.
  double rate() const;
};

}  // namespace lanewise::study
