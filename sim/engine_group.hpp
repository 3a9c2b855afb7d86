// SPDX-License-Identifier: Apache-2.0
// Several engines in one simulation, whose transfers meet at one DRAM.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/record/measurement.hpp"
#include "sim/simulate.hpp"

namespace lanewise::sim {

inline constexpr std::size_t kMostEngines = 8;

// There is one kernel per process: of all groups one at a time may be in use, and no single subgraph may be simulated
// between its calls. Moments are cycles since the group was made.
class EngineGroup {
 public:
  // The engines must outlive the group. Throws Error unless there are at most kMostEngines, of the kind `tiles`, with
  // one clock and one DRAM bandwidth.
  explicit EngineGroup(std::vector<const engine::EngineConfig*> engines);
  ~EngineGroup();
  EngineGroup(const EngineGroup&) = delete;
  EngineGroup& operator=(const EngineGroup&) = delete;

  struct Finished {
    std::size_t engine = 0;
    // By itself, from its start on: its latency includes what it waited for the others at the DRAM.
    record::Measurement measurement;
  };

  std::int64_t now() const;
  // The engine, which is free, begins a subgraph now. Plan and subgraph must outlive it.
  void start(std::size_t engine, const PlannedSubgraph& planned);
  // Goes on until a subgraph is done, but no further than `until`. Adds those that are done then, engine by engine.
  // Throws InternalError for a deadlock.
  void run_until(std::int64_t until, std::vector<Finished>& finished);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lanewise::sim
