// SPDX-License-Identifier: Apache-2.0
// What a search may ask about cost. Who answers, the estimator (fast) or the simulator (truth), is decided elsewhere.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/analytical_tile.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/measurement.hpp"

namespace lanewise::nas {

// The cost of one network on one engine.
struct Cost {
  std::string failure;  // "", or why the engine cannot run the network; then the rest is empty
  Cycles latency{0};
  double latency_ms = 0;
  double energy_uj = 0;
  Bytes dram{0};       // moved, partly used bursts counted whole
  Bytes peak_sram{0};  // the most that any subgraph holds on chip
};

// A candidate, already cut into subgraphs. Both pointers outlive the call.
struct CostQuery {
  const engine::EngineConfig* engine = nullptr;
  const std::vector<mapping::Subgraph>* subgraphs = nullptr;
};

// A subgraph on an engine. Only its shape and its context are read. Both pointers outlive the call.
struct SubgraphOnEngine {
  const mapping::Subgraph* subgraph = nullptr;
  const engine::EngineConfig* engine = nullptr;
  const mapping::ClosedForm* form = nullptr;  // of the two, where it is known: it outlives the call, too
};
struct SubgraphCost {
  bool refused = false;  // the engine cannot run it; then the rest is empty
  Cycles latency{0};
  Picojoules energy{0};
  Bytes dram{0}, peak_sram{0};
};
// Which costs are asked for; the others may be anything.
struct WantedCosts {
  bool latency = true, energy = true, dram = true, peak_sram = true;
};

class CostOracle {
 public:
  virtual ~CostOracle() = default;
  virtual record::Source source() const = 0;
  // One cost per query, in order: latency, energy and traffic summed over the query's subgraphs.
  virtual std::vector<Cost> price(const std::vector<CostQuery>& queries) = 0;

  // Whether the cost of a network is no more than the sum over its subgraphs, each priced by itself: then
  // price_subgraphs answers, and who asks may keep what subgraphs cost. Oracles that look at whole networks say no.
  virtual bool prices_subgraphs() const { return false; }
  // One answer per query, in order. An answer depends neither on the others nor on what else is wanted.
  virtual std::vector<SubgraphCost> price_subgraphs(const std::vector<SubgraphOnEngine>& queries,
                                                    const WantedCosts& wanted);
};

}  // namespace lanewise::nas
