// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: what charts share.
#pragma once

#include <string>
#include <vector>

namespace lanewise::report {

// Text as an SVG file may hold it.
std::string svg_text(const std::string& text);

// An axis from the least to the most of what must be seen, logarithmic where that spans more than a factor of 30.
class ChartAxis {
 public:
  explicit ChartAxis(const std::vector<double>& values);
  // 0 at the low end, 1 at the high one.
  double place(double value) const;
  bool shows(double value) const { return value >= low_ && value <= high_; }
  // At 1, 2 or 5 times a power of ten, five or so of them.
  std::vector<double> ticks() const;

 private:
  double low_ = 0, high_ = 1;
  bool log_ = false;
};

}  // namespace lanewise::report
