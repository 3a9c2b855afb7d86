// SPDX-License-Identifier: Apache-2.0
// How long-running work reports progress to a front end, and how the front end asks it to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/error.hpp"

namespace lanewise {

// The person asked to stop. What was measured so far is kept.
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted; what was measured so far is kept, the same command goes on from there") {}
};

struct Progress {
  // Called often, from the thread that called the work; may be empty. `total` is 0 where it is unknown. Text behind a
  // colon in `phase` is a remark on the same phase and does not start a new one.
  std::function<void(const std::string& phase, std::int64_t done, std::int64_t total)> report;
  // Asked often; may be empty. Once it returns true the work ends with Interrupted.
  std::function<bool()> stopped;

  void operator()(const std::string& phase, std::int64_t done, std::int64_t total) const {
    if (stopped && stopped()) throw Interrupted();
    if (report) report(phase, done, total);
  }
};

}  // namespace lanewise
