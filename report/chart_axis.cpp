// SPDX-License-Identifier: Apache-2.0
#include "report/chart_axis.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/printable.hpp"

namespace lanewise::report {

std::string svg_text(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return out;
}

ChartAxis::ChartAxis(const std::vector<double>& values) {
  if (values.empty()) return;
  low_ = *std::min_element(values.begin(), values.end());
  high_ = *std::max_element(values.begin(), values.end());
  log_ = low_ > 0 && high_ / low_ > 30;
  if (log_) {
    low_ /= 1.1, high_ *= 1.1;
    return;
  }
  const double margin = high_ > low_ ? 0.06 * (high_ - low_) : std::max(0.06 * std::abs(high_), 0.5);
  low_ -= margin, high_ += margin;
}

double ChartAxis::place(double value) const {
  return log_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
}

std::vector<double> ChartAxis::ticks() const {
  std::vector<double> out;
  if (log_) {
    for (double decade = std::pow(10, std::floor(std::log10(low_))); decade <= high_; decade *= 10) {
      for (const double digit : {1.0, 2.0, 5.0}) {
        if (shows(digit * decade)) out.push_back(digit * decade);
      }
    }
    return out;
  }
  const double raw = (high_ - low_) / 5, power = std::pow(10, std::floor(std::log10(raw)));
  const double step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
  for (double tick = std::ceil(low_ / step); tick * step <= high_; ++tick) out.push_back(tick * step);
  return out;
}

}  // namespace lanewise::report
