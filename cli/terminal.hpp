// SPDX-License-Identifier: Apache-2.0
// Shows progress to a user at a terminal, and turns Ctrl-C into a request to stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/progress.hpp"

namespace lanewise::cli {

// While an object of this class lives, a bar with the rate and the time left is drawn on standard error, provided that
// this is a terminal. The first SIGINT or SIGTERM asks the work to stop; a second one ends the process at once.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  // What the work is given; it refers to this object and must not outlive it.
  Progress progress();

 private:
  void draw(const std::string& phase, std::int64_t done, std::int64_t total);
  // Rate of the present phase and the time left, as in ", 5012/s, 0:42 left"; "" until enough of it has passed.
  std::string pace(std::int64_t done, std::int64_t total) const;

  bool terminal_;
  std::string shown_, phase_;
  // What was done already when the phase began: much of it, where a campaign is resumed.
  std::int64_t phase_start_ = 0;
  std::chrono::steady_clock::time_point phase_began_, drawn_;
};

}  // namespace lanewise::cli
