// SPDX-License-Identifier: Apache-2.0
#include "nas/space/value_range.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"

namespace lanewise::nas {

std::vector<double> value_range(double from, double to, std::optional<double> step, std::optional<double> factor) {
  constexpr std::size_t kMost = 1000;
  constexpr double kSlack = 1 + 1e-9;  // a step of 0.1 meets 0.3
  if (step.has_value() == factor.has_value()) throw Error("a range needs 'step' or 'factor', and one of them");
  if (!(to >= from)) throw Error(fmt::format("a range from {} to {} is empty", from, to));
  if (step && !(*step > 0)) throw Error(fmt::format("step {} must be above 0", *step));
  if (factor && (!(*factor > 1) || !(from > 0))) {
    throw Error(fmt::format("factor {} must be above 1 and the range begin above 0", *factor));
  }
  std::vector<double> values;
  for (double value = from; value <= to * (to > 0 ? kSlack : 1);) {
    if (values.size() >= kMost) throw Error(fmt::format("a range holds more than {} values", kMost));
    values.push_back(value);
    value = step ? from + static_cast<double>(values.size()) * *step : value * *factor;
  }
  return values;
}

std::vector<std::string> texts_of(const std::vector<double>& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const double value : values) texts.push_back(fmt::format("{:.10g}", value));
  return texts;
}

}  // namespace lanewise::nas
