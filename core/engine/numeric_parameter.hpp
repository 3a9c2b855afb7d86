// SPDX-License-Identifier: Apache-2.0
// Keys whose values are numbers, as whoever looks for a value needs them: bounds, granularity, and number to text.
#pragma once

#include <string>

namespace lanewise::engine {

// A key's range in the unit of numeric_value (bytes, hertz, seconds, cycles …).
struct NumericParameter {
  std::string key;
  double low = 0, high = 0;  // both included
  bool whole = false;        // only whole numbers of that unit
};

// Throws Error naming the key where it is unknown, or a text, a switch or a choice.
NumericParameter numeric_parameter(const std::string& key);
// The value of the key nearest to `value` (in the unit of numeric_value) that it can have, as --set takes it. Throws
// Error as numeric_parameter.
std::string numeric_text(const std::string& key, double value);

}  // namespace lanewise::engine
