// SPDX-License-Identifier: Apache-2.0
// A NetworkReport in a model file. Private to this module.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "estimator/network_report.hpp"

namespace lanewise::estimator {

nlohmann::json to_json(const NetworkReport& report);
// Throws nlohmann's exceptions for a damaged file.
NetworkReport network_report_from(const nlohmann::json& json);

}  // namespace lanewise::estimator
