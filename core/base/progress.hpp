// SPDX-License-Identifier: Apache-2.0
// How long work tells a front end where it stands, and hears that it should stop.
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
  // Called often, from the calling thread; may be empty. `total` 0: unknown. Text behind a colon in `phase` says how
  // the work fares: it is no phase of its own.
  std::function<void(const std::string& phase, std::int64_t done, std::int64_t total)> report;
  // Asked often; true ends the work with Interrupted. May be empty.
  std::function<bool()> stopped;

  void operator()(const std::string& phase, std::int64_t done, std::int64_t total) const {
    if (stopped && stopped()) throw Interrupted();
    if (report) report(phase, done, total);
  }
};

}  // namespace lanewise
