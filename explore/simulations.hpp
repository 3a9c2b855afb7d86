// SPDX-License-Identifier: Apache-2.0
// Simulations beside everything else: one at a time, on a thread of their own, since SystemC has one kernel per
// process, which one thread alone may touch.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/error.hpp"
#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::explore {

// Somebody else's simulation is under way.
class Busy : public Error {
 public:
  Busy() : Error("simulate: another simulation is under way: one at a time") {}
};
// This simulation was given up.
class Cancelled : public Error {
 public:
  Cancelled() : Error("simulate: cancelled") {}
};

class Simulations {
 public:
  // `source` simulates, and keeps what it has simulated.
  explicit Simulations(std::unique_ptr<study::MeasurementSource> source);
  // Gives up what is under way.
  ~Simulations();
  Simulations(const Simulations&) = delete;
  Simulations& operator=(const Simulations&) = delete;

  // Waits for the answer. Throws Busy, and Cancelled once cancel() was called.
  study::Answered simulate(std::shared_ptr<const network::Graph> graph, const engine::EngineConfig& engine);
  // Gives up the simulation under way: whoever waits for it is told at once. Returns whether there was one. What runs
  // as one piece, a whole network, is left to end by itself, and until then there is no other simulation.
  bool cancel();

  struct State {
    bool running = false;
    std::int64_t done = 0, total = 0;  // subgraphs; total 0: not known yet
  };
  State state() const;

 private:
  // One that was asked for. It owns what it needs: whoever asked may have gone before it ends.
  struct Task {
    std::shared_ptr<const network::Graph> graph;
    engine::EngineConfig engine;
    study::Answered answer;
    std::exception_ptr error;
    bool ended = false, cancelled = false;
    std::int64_t done = 0, total = 0;
  };
  void work();
  void run(Task& task);

  std::unique_ptr<study::MeasurementSource> source_;
  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::shared_ptr<Task> task_;  // under way; null: none
  bool closing_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace lanewise::explore
