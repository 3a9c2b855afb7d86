// SPDX-License-Identifier: Apache-2.0
// What a unit did with its time: every tick is busy, stalled by a cause, or idle.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/record/measurement.hpp"
#include "core/record/timeline.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/ticks.hpp"

namespace lanewise::sim {

// Why a unit with work at hand could not go on.
enum class Stall {
  kInput,            // its input tile is not on chip yet
  kWeights,          // its weight tile is not on chip yet
  kOperand,          // the second operand of an element-wise step is not on chip yet
  kAccumulators,     // array: no room for a stripe's sums; post-processor: no finished sums
  kOutputBuffer,     // the output tile has no buffer, or the write port no room
  kLoadBuffer,       // the next tile has no buffer: its last user has not freed one
  kOnChipBandwidth,  // the banks gave less than asked for
  kDram,             // under way, but no data moves at full rate: latency, another's turn, too few requests
  kUnpacking,        // rows wait to be unpacked into the banks' layout
  kWeightLoad,       // shadow loading of the very first weights
};
inline constexpr int kStallCount = 10;
const char* to_string(Stall stall);

// A unit tells its doings in order of its local time: what it was in from the last moment told until another.
class UnitLog {
 public:
  explicit UnitLog(const char* unit) : unit_(unit) {}

  // Slices are kept where several subgraphs share the time, or a timeline is wanted.
  void reset(Ticks start, bool keep_slices);
  void working_on(std::size_t job, std::size_t tile) {
    job_ = static_cast<std::int32_t>(job);
    tile_ = static_cast<std::int32_t>(tile);
  }
  void busy_until(Ticks at) { extend(kBusy, at); }
  void idle_until(Ticks at) { extend(kIdle, at); }
  void stalled_until(Stall cause, Ticks at) { extend(static_cast<int>(cause), at); }
  // What has been told since `mark` is told `times` more.
  void mark() { marked_ = spent_; }
  void repeat(std::int64_t times, Ticks length);

  // Of the time window [begin, end) in whole cycles that add up to `latency`; what rounding leaves over is idle.
  record::UnitTime within(Ticks begin, Ticks end, Cycles latency) const;
  // Appends the unit and its slices.
  void draw(record::Timeline& timeline, const Sequence& sequence) const;

 private:
  static constexpr int kBusy = kStallCount;
  static constexpr int kIdle = kStallCount + 1;
  using Spent = std::array<Ticks, kStallCount + 2>;
  friend record::UnitTime counted_unit(const char* unit, Ticks busy, Cycles latency);
  static record::UnitTime rounded(const char* unit, const Spent& spent, Cycles latency);
  struct Slice {
    int state = kIdle;
    std::int32_t job = 0, tile = -1;
    Ticks begin = 0, end = 0;
    std::int32_t mixed = -1;  // place in `mixed_` of what the unit did in a stretch told by `repeat`
  };

  void extend(int state, Ticks at) {
    if (at <= until_) return;
    spent_[static_cast<std::size_t>(state)] += at - until_;
    if (keep_slices_ && state != kIdle) keep(state, at);
    until_ = at;
  }
  void keep(int state, Ticks at);

  const char* unit_;
  bool keep_slices_ = false;
  Ticks until_ = 0;
  std::int32_t job_ = 0, tile_ = -1;
  Spent spent_{}, marked_{};
  std::vector<Spent> mixed_;
  std::vector<Slice> slices_;
};

// A unit whose work is counted and not watched: busy for so long, else idle.
record::UnitTime counted_unit(const char* unit, Ticks busy, Cycles latency);

}  // namespace lanewise::sim
