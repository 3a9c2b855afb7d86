// SPDX-License-Identifier: Apache-2.0
// Fast-forwarding over equal stripes. The array, the accumulators, the post-processor and the write port work on a tile
// stripe by stripe, and after a few stripes they settle into a steady state: their common state after a stripe is the
// one before it, with every time later by the period of the stripe. From then on each further stripe of the same shape
// repeats that step exactly, so the rest of the run is not simulated: every unit shifts its clocks by the number of
// stripes times the period and adds that many times what one stripe counted.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/units/ticks.hpp"

namespace lanewise::sim {

// A snapshot of everything that may influence what the units do next. Times are relative to `since`, so that two
// snapshots taken a period apart are equal in a steady state.
class StateNote {
 public:
  explicit StateNote(Ticks since) : since_(since) { values_.reserve(64); }
  void time(Ticks at) { values_.push_back(at - since_); }
  // For a moment that no longer matters once it lies in the past: all such moments compare equal.
  void time_if_ahead(Ticks at, Ticks now) { values_.push_back(at > now ? at - since_ : kOver); }
  void count(std::int64_t value) { values_.push_back(value); }
  bool operator==(const StateNote& other) const { return values_ == other.values_; }

 private:
  static constexpr std::int64_t kOver = INT64_MIN;
  Ticks since_;
  std::vector<std::int64_t> values_;
};

// The stripes that are fast-forwarded over, each as long as the last simulated one.
struct Run {
  std::int64_t stripes = 0;
  Ticks period = 0;
  Ticks length() const { return stripes * period; }
};

}  // namespace lanewise::sim
