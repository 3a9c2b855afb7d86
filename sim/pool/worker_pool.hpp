// SPDX-License-Identifier: Apache-2.0
// Simulations on several cores. SystemC has one kernel per process, so each worker is a process of its own.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/record/subgraph_result.hpp"

namespace lanewise::sim {

// One subgraph to simulate.
struct WorkerJob {
  const engine::EngineConfig* engine = nullptr;  // outlives the run
  std::string engine_hash;
  std::string subgraph_key;
};

// Path of the executable lanewise-worker, found as find_program (core/base/installation.hpp) does. Throws Error where
// there is none.
std::string default_worker_path();
// One worker per core that this process may use.
int default_workers();

struct WorkerAnswer {
  std::size_t job = 0;  // index into the list of jobs
  record::SubgraphResult result;
};

struct WorkerLimits {
  // The most jobs that a worker holds at once. All of them are simulated again when it is killed.
  std::size_t batch = 16;
  // A worker that answers nothing for this long is ended. No subgraph takes a hundredth of it.
  std::chrono::milliseconds silence{300000};
};

class WorkerPool {
 public:
  // The workers start with the first job. Throws Error where `workers` is less than 1.
  WorkerPool(std::string worker_path, int workers, WorkerLimits limits = {});
  // Ends the workers.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Simulates all jobs. `done` is called in the calling thread with the answers that came since its last call, in the
  // order in which they came; every job is answered once. When a worker dies, each job that it held is tried again
  // alone on a worker; a job with which two workers died is answered as failed, with the way the last one died. Throws
  // Error when no worker can be started or none becomes ready, Interrupted when `stopped` returns true, and what `done`
  // throws.
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
