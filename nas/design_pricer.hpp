// SPDX-License-Identifier: Apache-2.0
// What designs cost: genotypes in, metrics out. Everything between, the network that a genotype means, the subgraphs
// that its engine runs and what is known of either, is found here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/mapping/partition.hpp"
#include "core/network/graph.hpp"
#include "nas/metric.hpp"
#include "nas/oracles/cost_oracle.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {

// A network on an engine with its partition, or the reason why there is no such design.
struct Candidate {
  std::shared_ptr<const network::Graph> graph;
  engine::EngineConfig engine;
  mapping::Partition partition;
  std::string failure;
};

// What is known of a design: all metrics but accuracy, or the reason why there is no such design.
struct PricedDesign {
  Metrics metrics;      // NaN where a metric was not asked for; all of them where there is a failure
  std::string failure;  // "", or one line
};

// Whether a metric is known of every design without asking what its subgraphs cost.
bool is_free(Metric metric);

class DesignPricer {
 public:
  // Space and oracle must outlive the pricer. `wanted`: the metrics that are asked for; none of them: all but accuracy.
  // `check_stop` is called before each design and may throw to end the search.
  DesignPricer(const Space& space, CostOracle& costs, const std::vector<Metric>& wanted = {},
               std::function<void()> check_stop = {});
  ~DesignPricer();
  DesignPricer(DesignPricer&&) noexcept;

  // One answer per genotype, in order. An answer depends neither on the others nor on what was asked before.
  std::vector<PricedDesign> price(const std::vector<Genotype>& genotypes);
  // The same as far as it is free.
  std::vector<PricedDesign> free_metrics(const std::vector<Genotype>& genotypes);
  // The design as a whole, for those who look closer.
  Candidate candidate(const Genotype& genotype);
  // The same without its partition.
  Candidate network_of(const Genotype& genotype);
  // How many of the designs priced so far cannot be: no such engine, or one that cannot run the network.
  std::int64_t cannot_run() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lanewise::nas
