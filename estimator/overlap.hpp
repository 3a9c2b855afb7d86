// SPDX-License-Identifier: Apache-2.0
// What subgraphs take less in a network than alone, one after the other, on engines that program them ahead.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// Cycles that each subgraph saves behind the one before it, in the order in which they run; `cycles` are their
// latencies alone. 0 on engines with one register group.
// - Programming: `command.cycles_per_pass`, of all but the first.
// - Loading, on engines with streams: a subgraph on the array that does not read what its predecessor on the array
//   writes loads while the predecessor computes, where its input and first weights have room beside the predecessor's.
//   It saves the shorter of its own loading and what the predecessor does after loading. Off the array the predecessor
//   takes the read port until it ends, and nothing is saved.
std::vector<double> overlapped_cycles(const std::vector<mapping::Subgraph>& subgraphs,
                                      const engine::EngineConfig& engine, const std::vector<double>& cycles);

}  // namespace lanewise::estimator
