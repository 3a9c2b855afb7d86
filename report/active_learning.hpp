// SPDX-License-Identifier: Apache-2.0
// How an estimator became accurate, round by round.
#pragma once

#include <string>

#include "study/training/learning_report.hpp"

namespace lanewise::report {

std::string to_json(const study::LearningReport& report);
std::string to_text(const study::LearningReport& report);
// A row a round; the last is the model that was written.
std::string to_csv(const study::LearningReport& report);

}  // namespace lanewise::report
