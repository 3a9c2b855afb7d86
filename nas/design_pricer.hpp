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

// Where the answers of a pricer came from.
struct PricingCounts {
  std::int64_t designs = 0;       // asked for, of which
  std::int64_t put_together = 0;  //   these were put together from stretches that were known
  std::int64_t built = 0;         //   of these the network was built
  std::int64_t subgraphs = 0;     // in all designs, of which
  std::int64_t priced = 0;        //   the oracle was asked for these, each a shape and a context on an engine
  std::int64_t engines = 0;       // of which nothing was remembered when they were met
  std::int64_t forgotten = 0;     // how often all that was remembered was dropped to bound the memory
};

// Remembers what it met, within bounds that docs/performance.md states: what stretches of networks fuse to, what
// subgraphs cost on the engines met last. Nothing that is remembered changes an answer.
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
  const PricingCounts& counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lanewise::nas
