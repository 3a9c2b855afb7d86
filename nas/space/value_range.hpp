// SPDX-License-Identifier: Apache-2.0
// Ranges of numbers: from, to, and a step or a factor.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lanewise::nas {

// from, from + step, … up to `to`, or from, from * factor, …; both ends included where they are met. Throws Error where
// not exactly one of both is given, one leads nowhere, `to` is below `from`, or there are more than 1000.
std::vector<double> value_range(double from, double to, std::optional<double> step, std::optional<double> factor);
// The shortest texts of numbers.
std::vector<std::string> texts_of(const std::vector<double>& values);

}  // namespace lanewise::nas
