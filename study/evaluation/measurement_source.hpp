// SPDX-License-Identifier: Apache-2.0
// The interface through which subgraphs are priced, with three implementations: the simulator in this process, the
// simulator in worker processes, and an estimator.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/subgraph_result.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/subgraph_table.hpp"

namespace lanewise::study {

struct SubgraphQuery {
  const mapping::Subgraph* subgraph = nullptr;
  const engine::EngineConfig* engine = nullptr;
};

// Caches results for its lifetime: an equal subgraph in an equal context on an equal engine is measured once.
class MeasurementSource {
 public:
  virtual ~MeasurementSource() = default;
  virtual record::Source source() const = 0;
  // The estimator that answers; nullptr where none does. Who asks it directly gets the same answers, uncached.
  virtual const estimator::Estimator* estimator() const { return nullptr; }
  // One result per query, in order.
  std::vector<record::SubgraphResult> measure(const std::vector<SubgraphQuery>& queries, const Progress& progress = {});
  // The same results as pointers into the cache, valid for the lifetime of this object.
  std::vector<const record::SubgraphResult*> look_up(const std::vector<SubgraphQuery>& queries,
                                                     const Progress& progress = {});
  // How many were measured so far.
  std::size_t measured() const { return known_.size(); }

 protected:
  // One result per query, in order; the queries are distinct.
  virtual std::vector<record::SubgraphResult> measure_distinct(const std::vector<SubgraphQuery>& subgraphs,
                                                               const Progress& progress) = 0;

 private:
  // The table's index of each query; afterwards known_ holds a result for every index.
  std::vector<SubgraphTable::Index> number_and_measure(const std::vector<SubgraphQuery>& queries,
                                                       const Progress& progress);

  SubgraphTable table_;
  std::deque<record::SubgraphResult> known_;  // by index in the table
};

// Simulates in this process, one subgraph after another.
std::unique_ptr<MeasurementSource> make_simulator();
// Simulates in `workers` processes of the executable `worker_path`; the results do not depend on their number.
std::unique_ptr<MeasurementSource> make_simulator(const std::string& worker_path, int workers);
// Predicts what the simulator would not refuse (core/mapping/refusal.hpp); the rest fails as it does there. `estimator`
// must outlive the source. All DRAM traffic is reported as read; what a subgraph is bound by is left open.
std::unique_ptr<MeasurementSource> make_estimated(const estimator::Estimator& estimator);

// A prediction as the measurement that `query` would give.
record::Measurement measurement_of(const estimator::Prediction& prediction, const SubgraphQuery& query);

}  // namespace lanewise::study
