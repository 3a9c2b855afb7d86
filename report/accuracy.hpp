// SPDX-License-Identifier: Apache-2.0
// How far an estimator can be trusted, split by split.
#pragma once

#include <string>

#include "estimator/accuracy.hpp"

namespace lanewise::report {

// {"rows", "engines", "family", "splits": {NAME: {"rows", "mape_percent", …, "bound": {…}, "weighted": {…}, …,
// "intervals": [{"of", "level", "covered_percent", …}]}}}
std::string to_json(const estimator::AccuracyReport& report);
std::string to_text(const estimator::AccuracyReport& report);
// A row a split and what was predicted.
std::string to_csv(const estimator::AccuracyReport& report);

}  // namespace lanewise::report
