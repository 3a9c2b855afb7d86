// SPDX-License-Identifier: Apache-2.0
// The interface of the SystemC model of the engine.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/record/measurement.hpp"
#include "core/record/timeline.hpp"

namespace lanewise::sim {

// Simulates one subgraph on an otherwise idle engine. The result depends on the arguments alone, whatever this process
// simulated before. There is one SystemC kernel per process, so these functions must not be called from several
// threads. Throws Error for a plan that cannot run, InternalError for a deadlock.
record::Measurement simulate(const mapping::TilePlan& plan, const mapping::Subgraph& subgraph,
                             const engine::EngineConfig& engine);
// Plans the tiles first (sim/planning.hpp).
record::Measurement simulate(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

// One subgraph of a sequence.
struct PlannedSubgraph {
  const mapping::TilePlan* plan = nullptr;
  const mapping::Subgraph* subgraph = nullptr;
};

// Simulates the subgraphs in the order given as one sequence; how far a subgraph may begin while its predecessor still
// runs is up to the engine. Returns one measurement per subgraph. Its latency is the time since its predecessor was
// done (for the first one: since the start), so that the latencies add up to that of the sequence; its timestamps count
// from the start of the sequence. Fills in `timeline` unless it is null.
std::vector<record::Measurement> simulate_sequence(const std::vector<PlannedSubgraph>& subgraphs,
                                                   const engine::EngineConfig& engine,
                                                   record::Timeline* timeline = nullptr);

// Delta cycles that the kernel has run in this process, which tell how often it woke units.
std::uint64_t kernel_deltas();

}  // namespace lanewise::sim
