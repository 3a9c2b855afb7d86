// SPDX-License-Identifier: Apache-2.0
// The planner of engines that work through a program of tiles (`dma.kind: tiles`).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_choice.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

// The plans of a subgraph that are worth carrying out, the most promising first. Choices of tiles are found by an
// estimate (core/mapping/tile_search.hpp), and run by the list scheduler without writing them out. A search that looks
// at more of them costs more time; `mapping.effort` says how many.
// The first is, of the plans that are within 1 % of the best by what the engine plans for, the one that takes the least
// energy, and of those that take about as little a nominal tile, or the one whose buffers are most like a nominal
// tile's, then the one with the fewest steps.
class TilePlans : public Plans {
 public:
  // For subgraphs that refusal_of does not refuse. Both arguments must outlive the plans.
  TilePlans(const Subgraph& subgraph, const engine::EngineConfig& engine);

  std::size_t size() const override { return ranked_.size(); }
  // By the list scheduler; 0 where the order of the transfers is fixed and nothing was scheduled.
  double planned_cycles(std::size_t rank) const override { return ranked_[rank].cycles; }
  TilePlan plan(std::size_t rank) const override;

 private:
  struct Candidate {
    std::size_t problem = 0;
    TileChoice choice;
    std::size_t steps = 0;
    bool nominal = false;                     // core/mapping/nominal_tile.hpp
    double cycles = 0, cost = 0, energy = 0;  // plan_cost, plan_energy
  };
  void try_policies(double least);
  double off_nominal(const Candidate& candidate) const;
  void rank();
  void schedule_nominal(std::size_t problem, const Bounds& limits, double& least);
  void schedule_searched(std::size_t problem, double& least);
  std::size_t schedule(std::size_t problem, TileChoice choice, double most, double& least);

  const Subgraph& subgraph_;
  const engine::EngineConfig& engine_;
  std::vector<TileProblem> problems_;  // ways to divide the work
  std::vector<Candidate> ranked_;
  std::size_t too_long_ = 0;  // choices that were left out because of their number of steps
};

}  // namespace lanewise::mapping
