// SPDX-License-Identifier: Apache-2.0
// The comparison of two networks or two engines, subgraph by subgraph, as plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// One side of a pair: the subgraph, its tile plan, and its cost. In a cascade context and plan are those of the middle
// stripe. Who estimates plans nothing.
struct ComparedSide {
  std::string name;
  mapping::SubgraphShape shape;
  mapping::SubgraphContext context;
  std::optional<mapping::TilePlan> plan;  // nullopt where estimated
  std::int64_t stripes = 1;
  std::int64_t cycles = 0;
  double energy_uj = 0;
  std::string bound_by;
  std::optional<Reliability> reliability;  // of the cycles; where estimated
};

// The unit whose busy time changed the most.
struct ChangedUnit {
  std::string unit;
  std::int64_t busy_cycles_a = 0, busy_cycles_b = 0;
};

struct ComparedSubgraph {
  std::optional<ComparedSide> a, b;         // nullopt where this side has no such subgraph
  std::optional<ChangedUnit> changed_most;  // nullopt where nothing changed, and for estimates, which have no units
};

struct Comparison {
  NetworkAnswer a, b;
  std::vector<std::string> engine_changes;  // "KEY: A -> B"
  std::vector<ComparedSubgraph> subgraphs;  // in the order of A; those of B alone at their place in B
};

}  // namespace lanewise::study
