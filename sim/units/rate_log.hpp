// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/record/timeline.hpp"
#include "sim/units/ticks.hpp"

namespace lanewise::sim {

// The bytes per cycle that pass through a port, over time. Kept only where a timeline is wanted.
class RateLog {
 public:
  explicit RateLog(const char* counter) : counter_(counter) {}
  void reset(bool keep) {
    keep_ = keep;
    changes_.clear();
  }
  // The rate from `at` on, which is no earlier than the moment of the call before.
  void set(Ticks at, double bytes_per_cycle);
  // `bytes` spread evenly over [from, until); the rate is 0 from `until` on unless another call sets it.
  void stretch(Ticks from, Ticks until, double bytes) {
    if (until <= from) return;
    set(from, bytes * static_cast<double>(kTicksPerCycle) / static_cast<double>(until - from));
    set(until, 0);
  }
  // Appends the counter and its samples. Times count from `start`.
  void draw(record::Timeline& timeline, Ticks start) const;

 private:
  struct Change {
    Ticks at = 0;
    double rate = 0;
  };
  const char* counter_;
  bool keep_ = false;
  std::vector<Change> changes_;
};

}  // namespace lanewise::sim
