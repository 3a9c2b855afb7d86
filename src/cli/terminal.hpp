// SPDX-License-Identifier: Apache-2.0
// Progress for a person who watches, and Ctrl-C.
#pragma once

#include <cstdint>
#include <string>

#include "study/progress.hpp"

namespace lanewise::cli {

// A bar on standard error while this lives, if standard error is a terminal; nothing otherwise. SIGINT and SIGTERM ask
// the work to stop; the second one ends the process.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  // Valid while this lives.
  study::Progress progress();

 private:
  void draw(const std::string& phase, std::int64_t done, std::int64_t total);
  bool terminal_;
  std::string shown_;
};

}  // namespace lanewise::cli
