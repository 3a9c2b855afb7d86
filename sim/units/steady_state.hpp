// SPDX-License-Identifier: Apache-2.0
// How units that work hand in hand pass over a run of like stripes at once. When all that may decide the future of such
// a unit is the same before and after a stripe, but for being later by as much as the stripe took, then so it will be
// after each further stripe like it: every unit moves its own clocks by as many times that, and has done as much more.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/units/ticks.hpp"

namespace lanewise::sim {

// What may decide a unit's future, its times counted from a common moment.
class StateNote {
 public:
  explicit StateNote(Ticks since) : since_(since) { values_.reserve(64); }
  void time(Ticks at) { values_.push_back(at - since_); }
  // A moment that is over and decides nothing any more, unless it lies ahead of `now`.
  void time_if_ahead(Ticks at, Ticks now) { values_.push_back(at > now ? at - since_ : kOver); }
  void count(std::int64_t value) { values_.push_back(value); }
  bool operator==(const StateNote& other) const { return values_ == other.values_; }

 private:
  static constexpr std::int64_t kOver = INT64_MIN;
  Ticks since_;
  std::vector<std::int64_t> values_;
};

// A run passed over: so many more stripes, each as long as the last one.
struct Run {
  std::int64_t stripes = 0;
  Ticks period = 0;
  Ticks length() const { return stripes * period; }
};

}  // namespace lanewise::sim
