// SPDX-License-Identifier: Apache-2.0
// The accuracy of an estimator, split by split, as people and programs read it.
#pragma once

#include <string>

#include "estimator/accuracy_report.hpp"

namespace lanewise::report {

// {"rows", "engines", "family", "splits": {NAME: {"rows", "mape_percent", …, "bound": {…}, "weighted": {…}, …,
// "intervals": [{"of", "level", "covered_percent", …}]}}}
std::string to_json(const estimator::AccuracyReport& report);
std::string to_text(const estimator::AccuracyReport& report);
// One row per split and quantity predicted.
std::string to_csv(const estimator::AccuracyReport& report);

}  // namespace lanewise::report
