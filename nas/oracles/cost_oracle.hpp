// SPDX-License-Identifier: Apache-2.0
// What a search may ask about cost. Who answers, the estimator (fast) or the simulator (truth), is decided elsewhere.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
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

class CostOracle {
 public:
  virtual ~CostOracle() = default;
  virtual record::Source source() const = 0;
  // One cost per query, in order: latency, energy and traffic summed over the query's subgraphs.
  virtual std::vector<Cost> price(const std::vector<CostQuery>& queries) = 0;
};

}  // namespace lanewise::nas
