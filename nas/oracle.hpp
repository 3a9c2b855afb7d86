// SPDX-License-Identifier: Apache-2.0
// What a search may ask. Who answers (the estimator: fast, or the simulator: truth) is decided elsewhere.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/measurement.hpp"

namespace lanewise::nas {

struct Cost {
  Cycles latency{0};
  double latency_ms = 0;
  double energy_uj = 0;
  Bytes dram{0};
  Bytes peak_sram{0};
};

struct CostQuery {
  const engine::EngineConfig* engine = nullptr;
  const std::vector<mapping::Subgraph>* subgraphs = nullptr;
};

class CostOracle {
 public:
  virtual ~CostOracle() = default;
  virtual record::Source source() const = 0;
  // One cost a query, in order: the sum over its subgraphs.
  virtual std::vector<Cost> price(const std::vector<CostQuery>& queries) = 0;
};

// How good a network would be at its task, as far as one can say without training it.
struct NetworkFacts {
  std::int64_t macs = 0;
  std::int64_t parameters = 0;
};
class AccuracyOracle {
 public:
  virtual ~AccuracyOracle() = default;
  // What the score is, for every output that shows it; never the word accuracy unless accuracy was measured.
  virtual std::string name() const = 0;
  // Whether a candidate is good enough, and by how much it misses (0: good enough).
  virtual double shortfall(const NetworkFacts& candidate) const = 0;
};

// A capacity constraint: parameters and MACs at least a share of the baseline's. It is not accuracy and does not say
// so.
class CapacityConstraint : public AccuracyOracle {
 public:
  // Shares in (0, 1]; 0: no constraint. Throws Error outside. The shortfall adds up how far each falls below its bound,
  // relative to the bound.
  CapacityConstraint(NetworkFacts baseline, double parameter_share, double mac_share);
  std::string name() const override;
  double shortfall(const NetworkFacts& candidate) const override;

 private:
  NetworkFacts baseline_;
  double parameter_share_, mac_share_;
};

}  // namespace lanewise::nas
