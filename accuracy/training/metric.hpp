// SPDX-License-Identifier: Apache-2.0
// A figure that says how good a network is.
#pragma once

#include <string>

namespace lanewise::accuracy {

struct Metric {
  std::string name;  // a column's: "accuracy", "map50", "miou"
  double value = 0;
  std::string definition;  // one sentence
  bool higher_is_better = true;
};

}  // namespace lanewise::accuracy
