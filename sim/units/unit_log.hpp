// SPDX-License-Identifier: Apache-2.0
// How a unit spends its time: every tick is busy, stalled for one cause, or idle.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/record/measurement.hpp"
#include "core/record/timeline.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/ticks.hpp"

namespace lanewise::sim {

using Stall = record::StallCause;

// The state of one unit over time. The unit reports in the order of its local time: each call says which state it was
// in from the moment that the call before ended at until `at`. A moment that is already covered changes nothing.
class UnitLog {
 public:
  explicit UnitLog(record::Unit unit) : unit_(unit) {}
  record::Unit unit() const { return unit_; }

  // Forgets everything. Sums of each state are always kept; slices only where several subgraphs share the time or a
  // timeline is wanted.
  void reset(Ticks start, bool keep_slices);
  // The job and tile that the next slices belong to.
  void working_on(std::size_t job, std::size_t tile) {
    job_ = static_cast<std::int32_t>(job);
    tile_ = static_cast<std::int32_t>(tile);
  }
  void busy_until(Ticks at) { extend(kBusy, at); }
  void idle_until(Ticks at) { extend(kIdle, at); }
  void stalled_until(Stall cause, Ticks at) { extend(static_cast<int>(cause), at); }
  // `mark` remembers the sums; `repeat` adds what has come to them since then, `times` more, over `length` ticks. Like
  // stripes are passed over this way.
  void mark() { marked_ = spent_; }
  void repeat(std::int64_t times, Ticks length);

  // The window [begin, end) in whole cycles that add up to `latency`. What rounding leaves over counts as idle.
  record::UnitTime within(Ticks begin, Ticks end, Cycles latency) const;
  // Appends the unit and its slices to the timeline.
  void draw(record::Timeline& timeline, const Sequence& sequence) const;

 private:
  static constexpr int kBusy = record::kStallCauseCount;
  static constexpr int kIdle = record::kStallCauseCount + 1;
  using Spent = std::array<Ticks, record::kStallCauseCount + 2>;
  friend record::UnitTime counted_unit(record::Unit unit, Ticks busy, Cycles latency);
  static record::UnitTime rounded(record::Unit unit, const Spent& spent, Cycles latency);
  struct Slice {
    int state = kIdle;
    std::int32_t job = 0, tile = -1;
    Ticks begin = 0, end = 0;
    std::int32_t mixed = -1;  // place in `mixed_` of the states within a repeated stretch, -1 for one state
  };

  void extend(int state, Ticks at) {
    if (at <= until_) return;
    spent_[static_cast<std::size_t>(state)] += at - until_;
    if (keep_slices_ && state != kIdle) keep(state, at);
    until_ = at;
  }
  void keep(int state, Ticks at);

  record::Unit unit_;
  bool keep_slices_ = false;
  Ticks until_ = 0;
  std::int32_t job_ = 0, tile_ = -1;
  Spent spent_{}, marked_{};
  std::vector<Spent> mixed_;
  std::vector<Slice> slices_;
};

// The time of a unit whose work is counted and not logged: busy for so long, idle for the rest.
record::UnitTime counted_unit(record::Unit unit, Ticks busy, Cycles latency);

}  // namespace lanewise::sim
