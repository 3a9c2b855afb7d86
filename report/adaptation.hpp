// SPDX-License-Identifier: Apache-2.0
// The report of an adaptation, as people and programs read it. docs/cli.md explains every field.
#pragma once

#include <string>

#include "estimator/adaptation.hpp"
#include "study/calibration/adaptation_report.hpp"

namespace lanewise::report {

std::string to_json(const study::AdaptationReport& report);
std::string to_text(const study::AdaptationReport& report);
// One row per key.
std::string to_csv(const study::AdaptationReport& report);

// "to my_chip as measured in 30 rows: MAPE 12.3 % before, 3.1 % after" or "no: …".
std::string to_text(const estimator::AdaptationNote& note);

}  // namespace lanewise::report
