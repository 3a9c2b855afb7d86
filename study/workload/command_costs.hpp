// SPDX-License-Identifier: Apache-2.0
// What the commands of one network cost on one engine, by themselves and one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/record/subgraph_result.hpp"
#include "study/workload/memory_shares.hpp"

namespace lanewise::study {

class CommandCosts {
 public:
  // `alone`: the result of each command of the network on an otherwise idle engine. All must outlive this.
  CommandCosts(const PlannedNetwork& network, const engine::EngineConfig& engine,
               std::vector<const record::SubgraphResult*> alone, record::Source source);

  std::size_t commands() const { return alone_.size(); }
  // A cascade runs to its end; elsewhere another network may come between two commands.
  bool may_stop_after(std::size_t command) const { return network_.may_stop_after[command]; }

  // The commands [first, last] one after the other, from a quiet engine on: one measurement each, whose latency is the
  // time since the one before was done. Where the engine programs commands ahead they overlap, and are simulated
  // together; a source that estimates says what that saves.
  std::vector<const record::Measurement*> run(std::size_t first, std::size_t last);
  // When `which` of them is done, in cycles since the first began.
  std::int64_t end(std::size_t first, std::size_t last, std::size_t which);

 private:
  struct Run {
    std::vector<record::Measurement> measurements;
    std::vector<std::int64_t> ends;
  };
  const Run& overlapped(std::size_t first, std::size_t last);
  std::vector<record::Measurement> together(std::size_t first, std::size_t last);

  const PlannedNetwork& network_;
  const engine::EngineConfig& engine_;
  std::vector<const record::SubgraphResult*> alone_;
  record::Source source_;
  std::vector<std::int64_t> until_;       // sum of the latencies alone before each command, and of all
  std::vector<mapping::TilePlan> plans_;  // made where several commands are simulated together
  std::map<std::pair<std::size_t, std::size_t>, Run> runs_;
};

}  // namespace lanewise::study
