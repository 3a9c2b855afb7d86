// SPDX-License-Identifier: Apache-2.0
// Keys whose values are numbers, for whoever searches for a value: their bounds, their granularity, and from a number
// to the text.
#pragma once

#include <string>

namespace lanewise::engine {

// The range of a key in the unit of numeric_value (bytes, hertz, seconds, cycles …).
struct NumericParameter {
  std::string key;
  double low = 0, high = 0;  // both included
  bool whole = false;        // only whole numbers of that unit
};

// Throws Error naming the key where it is unknown, a text, a switch or an enumeration.
NumericParameter numeric_parameter(const std::string& key);
// The valid value of the key that is nearest to `value`, which is in the unit of numeric_value, as --set takes it.
// Throws the errors of numeric_parameter.
std::string numeric_text(const std::string& key, double value);

}  // namespace lanewise::engine
