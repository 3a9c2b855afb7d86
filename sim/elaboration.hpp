// SPDX-License-Identifier: Apache-2.0
// Private to this module: what the kernel elaborates, once a process, and how a planned subgraph becomes jobs.
#pragma once

#include <array>
#include <cstddef>

#include "sim/engine_group.hpp"
#include "sim/simulate.hpp"
#include "sim/units/neural_engine.hpp"
#include "sim/units/shared_dram.hpp"

namespace lanewise::sim {

// All engines and the memory that some of them may share. One engine alone has nothing to do with the others.
struct Elaborated {
  std::array<NeuralEngine*, kMostEngines> engines;
  SharedDram* dram = nullptr;
};
// Elaborated at the first call and kept: the kernel cannot elaborate again.
Elaborated& elaborated();

// Appends a subgraph to the sequence as one job, or as one for each of its cubes.
void add_jobs(const PlannedSubgraph& planned, std::size_t number, const DoubledEngines& doubled, Sequence& sequence);

}  // namespace lanewise::sim
