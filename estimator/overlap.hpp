// SPDX-License-Identifier: Apache-2.0
// What subgraphs take less in a network than alone, one after the other, on engines that program them ahead.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// What one subgraph saves behind the one before it.
struct Overlap {
  double cycles = 0;
  double doubt = 0;  // by how much `cycles` may be off, in cycles
};

// In the order in which the subgraphs run; `cycles` are their latencies alone. 0 on engines with one register group.
// - Programming: `command.cycles_per_pass`, of all but the first, without doubt.
// - Loading, on engines with streams: a subgraph on the array that does not read what its predecessor writes loads what
//   has room beside the predecessor's input while that computes, and computes while it drains. It saves the shorter of
//   that and what the predecessor does after its own loading; half of it where the two share the read port (a
//   predecessor off the array) or the weight banks.
std::vector<Overlap> overlaps(const std::vector<mapping::Subgraph>& subgraphs, const engine::EngineConfig& engine,
                              const std::vector<double>& cycles);

}  // namespace lanewise::estimator
