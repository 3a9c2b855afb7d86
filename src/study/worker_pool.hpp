// SPDX-License-Identifier: Apache-2.0
// Simulations on several cores. SystemC has one kernel a process, so each worker is a process of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "study/passes.hpp"

namespace lanewise::study {

struct WorkerJob {
  const engine::EngineConfig* engine = nullptr;
  std::string engine_hash;
  std::string subgraph_key;
};

// The worker executable beside the running one.
std::string default_worker_path();
// One a core that this process may use.
int default_workers();

class WorkerPool {
 public:
  // Workers start with the first job. `workers` >= 1.
  WorkerPool(std::string worker_path, int workers);
  // Ends the workers.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Calls `done` once a job, in the calling thread, in the order in which they end. A job whose worker dies is tried
  // once more on a fresh one, then fails with the way it died. Throws Error when no worker can be started, Interrupted
  // when `stopped` says so; what `done` throws comes through.
  void run(const std::vector<WorkerJob>& jobs, const std::function<void(std::size_t job, PassResult result)>& done,
           const std::function<bool()>& stopped = {});

 private:
  class Worker;
  void give(Worker& worker, const std::vector<WorkerJob>& jobs, std::size_t job);
  std::string path_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace lanewise::study
