// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: the logarithmic axes of a roofline, shared by what draws it.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/profile.hpp"

namespace lanewise::report {

// A logarithmic axis between two positive values.
struct LogAxis {
  double low = 1, high = 10;
  // 0 at the low end, 1 at the high one; values beyond are clamped.
  double place(double value) const;
  double value(double place) const { return low * std::pow(high / low, place); }
  std::vector<double> decades() const;  // powers of ten on the axis
};

// Axes that contain the ridge point and every subgraph that has MACs; x: MACs per DRAM byte, y: MACs per cycle.
struct RooflineScale {
  explicit RooflineScale(const study::Profile& profile);
  LogAxis x, y;
};

// The ceilings of 1 % of the latency or more that are drawn beside the roof, which is peak and DRAM; the highest first.
std::vector<study::NetworkCeiling> drawn_ceilings(const study::Profile& profile);

// The roof in MACs per cycle at an arithmetic intensity.
inline double roof(const study::Profile& profile, double macs_per_byte) {
  return std::min(profile.peak_macs_per_cycle, macs_per_byte * profile.dram_bytes_per_cycle);
}

}  // namespace lanewise::report
