// SPDX-License-Identifier: Apache-2.0
// Who says what a subgraph costs: the simulator in this process, the simulator in worker processes, or an estimator.
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

// Answers are kept for the object's life: an equal subgraph in equal context on an equal engine is asked for once.
class MeasurementSource {
 public:
  virtual ~MeasurementSource() = default;
  virtual record::Source source() const = 0;
  // One result a query, in order.
  std::vector<record::SubgraphResult> measure(const std::vector<SubgraphQuery>& queries, const Progress& progress = {});
  // The same results where they are kept, as long as the object lives.
  std::vector<const record::SubgraphResult*> look_up(const std::vector<SubgraphQuery>& queries,
                                                     const Progress& progress = {});

 protected:
  // One result for each of these distinct subgraphs, in order.
  virtual std::vector<record::SubgraphResult> measure_distinct(const std::vector<SubgraphQuery>& subgraphs,
                                                               const Progress& progress) = 0;

 private:
  // The table's number of each query, with a result for each of them in known_.
  std::vector<SubgraphTable::Index> number_and_measure(const std::vector<SubgraphQuery>& queries,
                                                       const Progress& progress);

  SubgraphTable table_;
  std::deque<record::SubgraphResult> known_;  // by the table's numbers
};

// Simulates in this process, one subgraph after another.
std::unique_ptr<MeasurementSource> make_simulator();
// Simulates in `workers` processes of the executable `worker_path`; same results whatever their number.
std::unique_ptr<MeasurementSource> make_simulator(const std::string& worker_path, int workers);
// Predicts. `estimator` outlives the source. DRAM traffic stands as read; bound_by is the largest closed-form bound.
std::unique_ptr<MeasurementSource> make_estimated(const estimator::Estimator& estimator);

// The unit whose closed-form bound is the largest for this subgraph.
std::string largest_bound(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::study
