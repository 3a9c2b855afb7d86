// SPDX-License-Identifier: Apache-2.0
// The one door of the SystemC engine.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/record/measurement.hpp"
#include "core/record/timeline.hpp"

namespace lanewise::sim {

// Runs one subgraph on the engine from a quiet start and returns what its units did. The result depends on the
// arguments alone, whatever this process simulated before. One kernel a process: not for use from several threads.
// Throws Error for a plan that cannot run, InternalError for a deadlock.
record::Measurement simulate(const mapping::TilePlan& plan, const mapping::Subgraph& subgraph,
                             const engine::EngineConfig& engine);
// The same, planning the tiles first.
record::Measurement simulate(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

// One subgraph of a sequence.
struct PlannedSubgraph {
  const mapping::TilePlan* plan = nullptr;
  const mapping::Subgraph* subgraph = nullptr;
};

// Runs subgraphs one behind the other in one simulation, in the order given; what the next subgraph may do while its
// predecessor still runs is the engine's business. A measurement a subgraph: its latency is the time since its
// predecessor was done (the first: since the start), so that latencies add up to the whole; landmarks count from the
// start of the sequence. Where `timeline` is given, every unit's doings are put into it.
std::vector<record::Measurement> simulate_sequence(const std::vector<PlannedSubgraph>& subgraphs,
                                                   const engine::EngineConfig& engine,
                                                   record::Timeline* timeline = nullptr);

// Delta cycles that the kernel has run in this process: how often something was woken, or several things at once.
std::uint64_t kernel_deltas();

}  // namespace lanewise::sim
