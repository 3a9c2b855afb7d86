// SPDX-License-Identifier: Apache-2.0
// What measures the rows of a campaign: the simulator, or a program of somebody else's (study/external).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/pool/worker_pool.hpp"

namespace lanewise::study {

class Truth {
 public:
  virtual ~Truth() = default;
  // As the store keeps it: "" for the simulator.
  virtual std::string source() const { return ""; }
  // Measures the jobs. `done` is called in the calling thread with the answers that came since its last call. A job
  // that this run cannot tell anything about gets no answer, and is asked about again by the next run. Throws
  // Interrupted where `stopped` returns true, and what `done` throws.
  virtual void run(const std::vector<sim::WorkerJob>& jobs,
                   const std::function<void(std::vector<sim::WorkerAnswer>& answers)>& done,
                   const std::function<bool()>& stopped) = 0;
};

// The simulator. The pool must outlive it.
class SimulatedTruth : public Truth {
 public:
  explicit SimulatedTruth(sim::WorkerPool& pool) : pool_(pool) {}
  void run(const std::vector<sim::WorkerJob>& jobs,
           const std::function<void(std::vector<sim::WorkerAnswer>& answers)>& done,
           const std::function<bool()>& stopped) override {
    pool_.run(jobs, done, stopped);
  }

 private:
  sim::WorkerPool& pool_;
};

}  // namespace lanewise::study
