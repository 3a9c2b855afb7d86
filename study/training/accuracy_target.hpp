// SPDX-License-Identifier: Apache-2.0
// The accuracy that an estimator has to reach: "within10>=0.98", "within5>=0.9", "mape<=2.5".
#pragma once

#include <string>

#include "estimator/estimator.hpp"

namespace lanewise::study {

struct AccuracyTarget {
  enum class Metric { kWithin5, kWithin10, kMape };
  Metric metric = Metric::kWithin10;
  double value = 0;  // within: a share, above 0 and at most 1; mape: percent, above 0
};

// Reads METRIC>=SHARE, the share of rows within 5 % or 10 %, or mape<=PERCENT. Throws Error naming text and rule.
AccuracyTarget parse_accuracy_target(const std::string& text);
// The text that parse_accuracy_target reads.
std::string to_string(const AccuracyTarget& target);
// "within10", "within5" or "mape"; and the value of that metric, in the unit of the target.
const char* metric_name(const AccuracyTarget& target);
double metric_of(const AccuracyTarget& target, const estimator::Accuracy& accuracy);
// Whether the accuracy reaches the target; false where nothing was compared.
bool meets(const AccuracyTarget& target, const estimator::Accuracy& accuracy);

}  // namespace lanewise::study
