// SPDX-License-Identifier: Apache-2.0
// Simulations on several cores. SystemC has one kernel a process, so each worker is a process of its own.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/record/subgraph_result.hpp"

namespace lanewise::sim {

struct WorkerJob {
  const engine::EngineConfig* engine = nullptr;
  std::string engine_hash;
  std::string subgraph_key;
};

// The worker executable beside the running one.
std::string default_worker_path();
// One a core that this process may use.
int default_workers();

struct WorkerAnswer {
  std::size_t job = 0;  // place among the jobs
  record::SubgraphResult result;
};

struct WorkerLimits {
  // Jobs that a worker holds at once, at most: what a kill costs at most, each to be measured again.
  std::size_t batch = 16;
  // A worker that says nothing for so long is ended. No subgraph takes a hundredth of it.
  std::chrono::milliseconds silence{300000};
};

class WorkerPool {
 public:
  // Workers start with the first job. `workers` >= 1.
  WorkerPool(std::string worker_path, int workers, WorkerLimits limits = {});
  // Ends the workers.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Calls `done` in the calling thread with the jobs that ended since the last call, each once, in the order in which
  // they ended. Where a worker dies, each job that it held is tried again alone on a worker, twice if need be; then it
  // fails with the way that one died. Throws Error when no worker can be started, or none gets as far as answering;
  // Interrupted when `stopped` says so; what `done` throws comes through.
  void run(const std::vector<WorkerJob>& jobs, const std::function<void(std::vector<WorkerAnswer>& answers)>& done,
           const std::function<bool()>& stopped = {});

 private:
  class Worker;
  class Run;
  std::string path_;
  WorkerLimits limits_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace lanewise::sim
