// SPDX-License-Identifier: Apache-2.0
// The loop of every schedule: releases, decisions between commands, and the engines that run them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/progress.hpp"
#include "study/workload/dispatcher.hpp"
#include "study/workload/workload_answer.hpp"

namespace lanewise::study {

// Engines that run commands of frames, as the loop sees them. All moments are cycles since the beginning.
class Machines {
 public:
  virtual ~Machines() = default;
  enum class Event {
    kDecide,  // the engine must be told what follows the command that it has or had last: extend() or stop()
    kFree,    // the engine has done all that it was told
  };
  struct Happened {
    std::size_t engine = 0;
    Event event = Event::kFree;
  };

  // The engine, which is free, begins a command of a network at `now`.
  virtual void begin(std::size_t engine, std::size_t network, std::size_t command, std::int64_t now) = 0;
  // Whether another frame may come behind the command that the engine was told last.
  virtual bool may_stop(std::size_t engine) const = 0;
  // It goes on with the next command of the same frame.
  virtual void extend(std::size_t engine) = 0;
  // It does not; it is free once what it was told is done.
  virtual void stop(std::size_t engine) = 0;
  // Goes on to the next moment at which something happens on an engine, but no further than `until`. Returns the moment
  // and adds what happens then, engine by engine.
  virtual std::int64_t advance(std::int64_t until, std::vector<Happened>& happened) = 0;
};

struct Schedule {
  std::vector<FrameRun> frames;
  std::vector<CommandRun> runs;
  std::int64_t elapsed = 0;
  std::optional<std::size_t> overflow;  // the network whose backlog made the loop give up
};

// Runs all frames on the machines; `commands` by network and engine: how many commands a frame has there. An engine
// decides anew each time a command is done, or as early as it has to.
Schedule run_schedule(Dispatcher dispatcher, Machines& machines, const std::vector<std::vector<std::size_t>>& commands,
                      std::size_t engines, const Progress& progress = {});

}  // namespace lanewise::study
