// SPDX-License-Identifier: Apache-2.0
// The JSON form of an adaptation in the header of a model file. Private to this module.
#pragma once

#include <nlohmann/json.hpp>

#include "estimator/adaptation.hpp"

namespace lanewise::estimator {

nlohmann::json to_json(const Adaptation& adaptation);
// Throws nlohmann::json::exception for malformed JSON, and Error for an unknown feature or key.
Adaptation adaptation_from(const nlohmann::json& json);

}  // namespace lanewise::estimator
