// SPDX-License-Identifier: Apache-2.0
// Simulated time. One engine cycle is 1 ns of SystemC time in steps of 1 ps, so that rates which do not divide a cycle
// (12.8 GB/s at 1 GHz) keep three decimals. A nanosecond in a waveform is one cycle.
#pragma once

#include <systemc>

#include <cmath>
#include <cstdint>

#include "core/base/units.hpp"

namespace lanewise::sim {

using Ticks = std::int64_t;
inline constexpr Ticks kTicksPerCycle = 1000;

inline Ticks now() { return static_cast<Ticks>(sc_core::sc_time_stamp().value()); }
inline sc_core::sc_time duration(Ticks ticks) {
  return sc_core::sc_time::from_value(static_cast<std::uint64_t>(ticks));
}
inline Ticks ticks(Cycles cycles) { return cycles.count() * kTicksPerCycle; }
// Rounded up; the tolerance keeps a sum of exact shares from growing by a tick.
inline Ticks ticks_up(double cycles) {
  return static_cast<Ticks>(std::ceil(cycles * static_cast<double>(kTicksPerCycle) - 1e-6));
}

}  // namespace lanewise::sim
