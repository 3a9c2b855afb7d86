// SPDX-License-Identifier: Apache-2.0
// Who says what a pass costs: the simulator in this process, the simulator in worker processes, or an estimator.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/measurement.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/pass_table.hpp"

namespace lanewise::study {

struct PassQuery {
  const mapping::Subgraph* subgraph = nullptr;
  const engine::EngineConfig* engine = nullptr;
};

struct PassResult {
  record::Measurement measurement;  // empty when it failed
  std::string failure;              // "" or why this pass cannot run on this engine
};

// Answers are kept for the object's life: an equal pass in equal context on an equal engine is asked for once.
class PassSource {
 public:
  virtual ~PassSource() = default;
  virtual record::Source source() const = 0;
  // One result a query, in order.
  std::vector<PassResult> measure(const std::vector<PassQuery>& queries, const Progress& progress = {});
  // The same results where they are kept, as long as the object lives.
  std::vector<const PassResult*> look_up(const std::vector<PassQuery>& queries, const Progress& progress = {});

 protected:
  // One result for each of these distinct passes, in order.
  virtual std::vector<PassResult> measure_distinct(const std::vector<PassQuery>& passes, const Progress& progress) = 0;

 private:
  // The table's number of each query, with a result for each of them in known_.
  std::vector<PassTable::Index> number_and_measure(const std::vector<PassQuery>& queries, const Progress& progress);

  PassTable table_;
  std::deque<PassResult> known_;  // by the table's numbers
};

// Simulates in this process, one pass after another.
std::unique_ptr<PassSource> make_simulator();
// Simulates in `workers` processes of the executable `worker_path`; same results whatever their number.
std::unique_ptr<PassSource> make_simulator(const std::string& worker_path, int workers);
// Predicts. `estimator` outlives the source. DRAM traffic stands as read; bound_by is the largest closed-form bound.
std::unique_ptr<PassSource> make_estimated(const estimator::Estimator& estimator);

// The unit whose closed-form bound is the largest for this pass.
std::string largest_bound(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::study
