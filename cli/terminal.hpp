// SPDX-License-Identifier: Apache-2.0
// Progress for a person who watches, and Ctrl-C.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/progress.hpp"

namespace lanewise::cli {

// A bar with rate and time left on standard error while this lives, if standard error is a terminal; nothing otherwise.
// SIGINT and SIGTERM ask the work to stop; the second one ends the process.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  // Valid while this lives.
  Progress progress();

 private:
  void draw(const std::string& phase, std::int64_t done, std::int64_t total);
  // ", 5,012/s, 0:42 left": of the phase so far; "" until that says something.
  std::string pace(std::int64_t done, std::int64_t total) const;

  bool terminal_;
  std::string shown_, phase_;
  std::int64_t phase_start_ = 0;  // done when the phase began: a campaign that goes on begins with many
  std::chrono::steady_clock::time_point phase_began_, drawn_;
};

}  // namespace lanewise::cli
