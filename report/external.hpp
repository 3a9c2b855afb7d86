// SPDX-License-Identifier: Apache-2.0
// What a person's program measured, for people and programs.
#pragma once

#include <string>

#include "report/json.hpp"
#include "study/campaign/campaign_report.hpp"

namespace lanewise::report {

Json external_json(const study::ExternalReport& report);
std::string external_text(const study::ExternalReport& report);
// One line that says whose measurements the errors are against.
std::string measured_by_text(const std::string& source);

}  // namespace lanewise::report
