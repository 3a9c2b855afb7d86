// SPDX-License-Identifier: Apache-2.0
// What a unit did with its time: every tick of a pass is busy, stalled by a cause, or idle.
#pragma once

#include <array>
#include <string>

#include "record/measurement.hpp"
#include "sim/ticks.hpp"

namespace lanewise::sim {

// Why a unit with work at hand could not go on.
enum class Stall {
  kInput,            // its input tile is not on chip yet
  kWeights,          // its weight tile is not on chip yet
  kOperand,          // the second operand of an element-wise step is not on chip yet
  kAccumulators,     // array: both halves are full; post-processor: no finished sums
  kOutputBuffer,     // the output tile has no buffer: the store has not freed one
  kLoadBuffer,       // the next tile has no buffer: its last user has not freed one
  kOnChipBandwidth,  // the banks gave less than asked for
  kDram,             // under way, but no data moves at full rate: latency, another's turn, too few requests
  kWeightLoad,       // shadow loading of the very first weights
};
inline constexpr int kStallCount = 9;
const char* to_string(Stall stall);

class UnitLog {
 public:
  explicit UnitLog(const char* unit) : unit_(unit) {}

  void reset(Ticks start);
  void busy(Ticks at) { enter(kBusy, at); }
  void idle(Ticks at) { enter(kIdle, at); }
  void stalled(Stall cause, Ticks at) { enter(static_cast<int>(cause), at); }
  // Ticks recorded as busy that turned out to be a stall; negative: the other way round.
  void reattribute(Stall cause, Ticks amount);
  // For units whose work is counted, not watched: total busy time.
  void set_busy(Ticks amount) { spent_[kBusy] = amount; }

  // Whole cycles that add up to `latency`; what rounding leaves over goes to idle.
  record::UnitTime finish(Ticks end, Cycles latency);

 private:
  static constexpr int kBusy = kStallCount;
  static constexpr int kIdle = kStallCount + 1;
  void enter(int state, Ticks at);

  const char* unit_;
  int state_ = kIdle;
  Ticks since_ = 0;
  std::array<Ticks, kStallCount + 2> spent_{};
};

}  // namespace lanewise::sim
