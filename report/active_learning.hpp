// SPDX-License-Identifier: Apache-2.0
// The report of active learning, round by round, as people and programs read it.
#pragma once

#include <string>

#include "study/training/learning_report.hpp"

namespace lanewise::report {

std::string to_json(const study::LearningReport& report);
std::string to_text(const study::LearningReport& report);
// One row per round; the last one is the model that was written.
std::string to_csv(const study::LearningReport& report);

}  // namespace lanewise::report
