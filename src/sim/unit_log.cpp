// SPDX-License-Identifier: Apache-2.0
#include "sim/unit_log.hpp"

#include <algorithm>

namespace lanewise::sim {

const char* to_string(Stall stall) {
  static constexpr std::array<const char*, kStallCount> kNames{
      "input",       "weights",          "operand", "accumulators", "output_buffer",
      "load_buffer", "onchip_bandwidth", "dram",    "weight_load"};
  return kNames.at(static_cast<std::size_t>(stall));
}

void UnitLog::reset(Ticks start) {
  state_ = kIdle;
  since_ = start;
  spent_.fill(0);
}

void UnitLog::enter(int state, Ticks at) {
  spent_[static_cast<std::size_t>(state_)] += at - since_;
  state_ = state;
  since_ = at;
}

void UnitLog::reattribute(Stall cause, Ticks amount) {
  spent_[kBusy] -= amount;
  spent_[static_cast<std::size_t>(cause)] += amount;
}

record::UnitTime UnitLog::finish(Ticks end, Cycles latency) {
  enter(kIdle, end);
  record::UnitTime time;
  time.unit = unit_;
  std::int64_t left = latency.count();
  const auto take = [&](Ticks spent) {
    const std::int64_t cycles = std::min(left, (spent + kTicksPerCycle / 2) / kTicksPerCycle);
    left -= cycles;
    return Cycles(cycles);
  };
  time.busy = take(spent_[kBusy]);
  for (int cause = 0; cause < kStallCount; ++cause) {
    const Cycles cycles = take(spent_[static_cast<std::size_t>(cause)]);
    if (cycles.count() > 0) time.stalled.push_back({to_string(static_cast<Stall>(cause)), cycles});
  }
  time.idle = Cycles(left);
  return time;
}

}  // namespace lanewise::sim
