// SPDX-License-Identifier: Apache-2.0
// Who says what a pass costs: the simulator in this process, the simulator in worker processes, or an estimator.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine_config.hpp"
#include "estimator/estimator.hpp"
#include "mapping/subgraph.hpp"
#include "record/measurement.hpp"
#include "study/progress.hpp"

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

 protected:
  struct Keyed {
    PassQuery query;
    std::string engine_hash, subgraph_key;
  };
  // One result for each of these distinct passes, in order.
  virtual std::vector<PassResult> measure_distinct(const std::vector<Keyed>& passes, const Progress& progress) = 0;

 private:
  std::map<std::pair<std::string, std::string>, PassResult> known_;
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
