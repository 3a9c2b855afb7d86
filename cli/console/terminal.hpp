// SPDX-License-Identifier: Apache-2.0
// Shows progress to a user at a terminal, or to a program that started this one, and turns Ctrl-C into a request to
// stop.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/progress.hpp"

namespace lanewise::cli {

// While an object of this class lives, a bar with the rate and the time left is drawn on standard error, provided that
// this is a terminal. It is drawn anew several times a second whether the work reports or not, so that a long step is
// seen to go on. With --quiet nothing is drawn. Where the environment has LANEWISE_PROGRESS=json, each report is a line
// "lanewise: progress: {"phase": …, "done": …, "total": …}" on standard error instead, at most four a second beside the
// first and the last of a phase: docs/cli.md. The first SIGINT or SIGTERM asks the work to stop; a second one ends the
// process at once.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  // What the work is given; it refers to this object and must not outlive it.
  Progress progress();

 private:
  using Clock = std::chrono::steady_clock;

  // For a person, and for a program.
  void report(const std::string& phase, std::int64_t done, std::int64_t total);
  void write_line(const std::string& phase, std::int64_t done, std::int64_t total);
  // The functions below are called with guard_ held.
  void draw();
  // Rate of the present phase and the time left, as in ", 5012/s, 0:42 left", or how long it has taken so far where
  // nothing more is known; "" until enough of it has passed.
  std::string pace() const;

  bool lines_, terminal_;
  Clock::time_point written_{};
  std::mutex guard_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::string shown_, work_, phase_;
  std::int64_t done_ = 0, total_ = 0;
  // What was done already when the phase began: much of it, where a campaign is resumed.
  std::int64_t phase_start_ = 0;
  Clock::time_point phase_began_, reported_;
  std::thread redrawing_;
};

}  // namespace lanewise::cli
